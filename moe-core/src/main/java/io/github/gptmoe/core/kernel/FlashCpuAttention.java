package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * libtorch's fused attention for CPUs (Dao et al. 2022, tiles with a running softmax): memory grows with L, not with its
 * square, at about half the speed of {@link BlockCausalAttention} on moderate lengths.
 */
public record FlashCpuAttention() implements AttentionForm {
    @Override
    public NDArray run(NDManager scope, NDList qkv) {
        return record(scope, qkv).output();
    }

    @Override
    public Recorded record(NDManager scope, NDList qkv) {
        NDList results = KernelModule.instance().call("flash_cpu", scope, qkv.get(0), qkv.get(1), qkv.get(2));
        return new Kept(qkv, results.get(0), results.get(1));
    }

    private record Kept(NDList qkv, NDArray output, NDArray logSumExp) implements Recorded {
        @Override
        public NDList backward(NDManager scope, NDArray gradBHLC) {
            return KernelModule.instance()
                    .call("flash_cpu_backward", scope, gradBHLC, qkv.get(0), qkv.get(1), qkv.get(2), output, logSumExp);
        }
    }
}
