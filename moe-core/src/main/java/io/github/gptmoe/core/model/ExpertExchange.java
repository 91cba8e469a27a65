package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * Moves tokens between the ranks among which the experts of every layer are divided (Lepikhin et al., 2021, "GShard"): rank r
 * of X has experts {@code r E / X} to {@code (r + 1) E / X - 1}. Every rank has to call the same operations in the same order.
 */
public interface ExpertExchange {
    /**
     * This rank among those that share the experts.
     *
     * @return from 0 to X - 1
     */
    int rank();

    /**
     * The number of ranks that share the experts.
     *
     * @return X
     */
    int size();

    /**
     * Tells all ranks how many tokens this one has for each expert.
     *
     * @param ownE tokens for each of the layer's E experts
     * @return what each rank told, (X, E)
     */
    long[][] counts(long[] ownE);

    /**
     * Sends rows to the ranks and gets theirs.
     *
     * @param scope owner of the result
     * @param rowsSD rows for rank 0, then for rank 1 and so on
     * @param sentX rows for each rank
     * @param receivedX rows from each rank
     * @return the rows from rank 0, then from rank 1 and so on
     */
    NDArray exchange(NDManager scope, NDArray rowsSD, long[] sentX, long[] receivedX);
}
