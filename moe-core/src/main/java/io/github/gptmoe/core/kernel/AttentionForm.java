package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * A way to compute causal attention {@code softmax(q k^T / sqrt(C) + causal) v} of every head. All forms give the same
 * values up to rounding; which is fastest depends on device, dtype and length.
 */
public interface AttentionForm {
    /**
     * Attends; nothing is kept.
     *
     * @param scope owner of the result
     * @param qkv queries, keys and values, (B, H, L, C) each, contiguous
     * @return weighted values (B, H, L, C)
     */
    NDArray run(NDManager scope, NDList qkv);

    /**
     * Attends and keeps what backward needs.
     *
     * @param scope owner of everything that is kept
     * @param qkv queries, keys and values as in {@link #run}; kept, not copied
     * @return the result with its way back
     */
    Recorded record(NDManager scope, NDList qkv);

    /** An attention that can be gone back through, once. */
    interface Recorded {
        /**
         * The result.
         *
         * @return weighted values (B, H, L, C)
         */
        NDArray output();

        /**
         * Goes back.
         *
         * @param scope owner of the results
         * @param gradBHLC gradient of {@link #output}, contiguous
         * @return gradients of queries, keys and values
         */
        NDList backward(NDManager scope, NDArray gradBHLC);
    }
}
