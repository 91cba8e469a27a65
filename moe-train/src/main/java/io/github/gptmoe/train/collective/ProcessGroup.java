package io.github.gptmoe.train.collective;

import ai.djl.ndarray.NDArray;

/**
 * One rank's membership in a group of {@code W = worldSize} ranks. Every rank calls the same operations in the same order, each
 * from one thread. Arrays are contiguous and of one dtype in one operation, FP32, BF16 or FP16; they belong to the caller, and on
 * return have their results. Sums are formed in FP32.
 */
public interface ProcessGroup {
    /**
     * This member's number.
     *
     * @return from 0 to W - 1
     */
    int rank();

    /**
     * The number of members.
     *
     * @return W
     */
    int worldSize();

    /**
     * Replaces an array by its sum over the ranks.
     *
     * @param array of the same size on every rank
     * @throws CollectiveException if the group has failed
     */
    void allReduce(NDArray array);

    /**
     * Sums arrays of N elements over the ranks and gives each rank its N/W of them.
     *
     * @param full N elements, N a multiple of W; left as it is
     * @param shard receives elements {@code rank * N/W} and following of the sum
     * @throws CollectiveException if the group has failed
     */
    void reduceScatter(NDArray full, NDArray shard);

    /**
     * Joins the ranks' parts, in their order, on every rank.
     *
     * @param shard this rank's N/W elements; left as it is
     * @param full receives all N
     * @throws CollectiveException if the group has failed
     */
    void allGather(NDArray shard, NDArray full);

    /**
     * Copies one rank's array to all.
     *
     * @param array of the same size on every rank; overwritten on all but the root
     * @param root the rank whose values everyone gets
     * @throws CollectiveException if the group has failed
     */
    void broadcast(NDArray array, int root);

    /**
     * Sends some rows of an array to each rank. Both arrays are ordered by rank.
     *
     * @param input (sum of {@code sent}, ...); left as it is
     * @param sent rows for each rank
     * @param output (sum of {@code received}, ...)
     * @param received rows from each rank; must be what those ranks send
     * @throws CollectiveException if the group has failed
     */
    void allToAll(NDArray input, long[] sent, NDArray output, long[] received);

    /**
     * Sums a few host numbers over the ranks, in their order, in FP64: losses, counts, flags.
     *
     * @param values as many on every rank; left as they are
     * @return their sums
     * @throws CollectiveException if the group has failed
     */
    double[] allReduce(double[] values);

    /**
     * Waits until every rank has come here.
     *
     * @throws CollectiveException if the group has failed
     */
    void barrier();

    /**
     * Makes this and every later operation of all ranks fail. Only the first cause counts.
     *
     * @param cause why this rank cannot go on
     */
    void fail(Throwable cause);

    /**
     * What this rank has moved so far.
     *
     * @return running totals
     */
    Traffic traffic();
}
