package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * Plain softmax attention over blocks of queries, each of which meets only the keys up to its own end: batched matrix
 * products at full speed, without most of the masked half. With n blocks {@code (n + 1) / (2 n)} of the square is computed,
 * and the mask touches the blocks on the diagonal only. The shares are kept for backward, in the dtype of the states.
 *
 * @param block queries of a block; at least 1
 */
public record BlockCausalAttention(int block) implements AttentionForm {
    private static final int FIRST_SHARES = 2;

    /**
     * Checks the size.
     *
     * @param block queries of a block
     */
    public BlockCausalAttention {
        if (block < 1) {
            throw new IllegalArgumentException("blocks of " + block + " queries; they must have at least 1");
        }
    }

    @Override
    public NDArray run(NDManager scope, NDList qkv) {
        return forward(scope, qkv, false).get(0);
    }

    @Override
    public Recorded record(NDManager scope, NDList qkv) {
        NDList results = forward(scope, qkv, true);
        return new Kept(results.get(0), results.get(1), qkv, results.subNDList(FIRST_SHARES, results.size()));
    }

    private NDList forward(NDManager scope, NDList qkv, boolean keep) {
        return KernelModule.instance().call("block_causal", scope, qkv.get(0), qkv.get(1), qkv.get(2), block, keep);
    }

    private record Kept(NDArray output, NDArray scaledQueries, NDList qkv, NDList shares) implements Recorded {
        @Override
        public NDList backward(NDManager scope, NDArray gradBHLC) {
            return KernelModule.instance()
                    .call("block_causal_backward", scope, gradBHLC, scaledQueries, qkv.get(1), qkv.get(2), shares);
        }
    }
}
