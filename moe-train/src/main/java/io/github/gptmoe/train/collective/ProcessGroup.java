package io.github.gptmoe.train.collective;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One rank's membership in a group of {@code W = worldSize} ranks. Every rank calls the same operations in the same order, each
 * from one thread. Arrays are contiguous and of one dtype in one operation, FP32, BF16 or FP16; they belong to the caller, and
 * on return have their results; on a GPU, as with every operation there, for what is computed afterwards. Sums are formed in
 * FP32; NCCL rounds a sum to the dtype of the arrays at every hop of its ring or tree.
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
     * Where this rank's arrays lie.
     *
     * @return its device, as it is numbered in this process
     */
    Device device();

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
     * Whether operations that are begun run beside computation. If not they are done when they have been begun, and memory kept
     * for their sake is wasted.
     *
     * @return the same on all ranks
     */
    default boolean overlaps() {
        return false;
    }

    /**
     * Begins {@link #allReduce}, so that it can run beside computation where a device can do that; elsewhere it is done on
     * return.
     *
     * @param array as above; left alone and open until the operation is {@linkplain Pending#finish finished}
     * @return the operation under way
     * @throws CollectiveException if the group has failed
     */
    default Pending startAllReduce(NDArray array) {
        allReduce(array);
        return () -> {};
    }

    /**
     * Begins {@link #reduceScatter}, so that it can run beside computation where a device can do that; elsewhere it is done on
     * return.
     *
     * @param full as above; left alone and open until the operation is {@linkplain Pending#finish finished}
     * @param shard as above; likewise
     * @return the operation under way
     * @throws CollectiveException if the group has failed
     */
    default Pending startReduceScatter(NDArray full, NDArray shard) {
        reduceScatter(full, shard);
        return () -> {};
    }

    /**
     * Begins {@link #allGather}, so that it can run beside computation where a device can do that; elsewhere it is done on
     * return.
     *
     * @param shard as above; left alone and open until the operation is {@linkplain Pending#finish finished}
     * @param full as above; likewise
     * @return the operation under way
     * @throws CollectiveException if the group has failed
     */
    default Pending startAllGather(NDArray shard, NDArray full) {
        allGather(shard, full);
        return () -> {};
    }

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
     * Gives every rank the bytes of all: names, tables. A few megabytes at most.
     *
     * @param own this rank's bytes
     * @return those of the ranks, in their order
     * @throws CollectiveException if the group has failed
     */
    default List<byte[]> exchange(byte[] own) {
        double[] sizes = new double[worldSize()];
        sizes[rank()] = own.length;
        sizes = allReduce(sizes);
        double[] all = new double[(int) Arrays.stream(sizes).sum()];
        int at = (int) Arrays.stream(sizes, 0, rank()).sum();
        for (int i = 0; i < own.length; i++) {
            all[at + i] = own[i];
        }
        all = allReduce(all);
        List<byte[]> parts = new ArrayList<>();
        at = 0;
        for (double size : sizes) {
            byte[] part = new byte[(int) size];
            for (int i = 0; i < part.length; i++) {
                part[i] = (byte) all[at + i];
            }
            parts.add(part);
            at += part.length;
        }
        return parts;
    }

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
