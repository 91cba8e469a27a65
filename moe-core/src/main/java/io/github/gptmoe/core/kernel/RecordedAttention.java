package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * {@code scaled_dot_product_attention}, whose backend libtorch picks by device and dtype (FlashAttention on a GPU in half
 * precision), differentiated by autograd. Works on every device.
 */
public record RecordedAttention() implements AttentionForm {
    @Override
    public NDArray run(NDManager scope, NDList qkv) {
        return KernelModule.instance()
                .call("recorded_attention", scope, qkv.get(0), qkv.get(1), qkv.get(2))
                .get(0);
    }

    @Override
    public Recorded record(NDManager scope, NDList qkv) {
        NDList leaves = Autograd.leaves(scope, qkv);
        return new Kept(leaves, Autograd.recording(() -> run(scope, leaves)));
    }

    private record Kept(NDList leaves, NDArray output) implements Recorded {
        @Override
        public NDList backward(NDManager scope, NDArray gradBHLC) {
            return Autograd.vjp(scope, new NDList(output), new NDList(gradBHLC), leaves);
        }
    }
}
