package io.github.gptmoe.train.collective;

import ai.djl.ndarray.NDArray;
import io.github.gptmoe.core.model.ArrayFile;
import java.util.Arrays;

/**
 * Bytes that a rank sends, as a ring moves them (Patarasuk and Yuan, 2009, "Bandwidth optimal all-reduce algorithms for
 * clusters of workstations"), for an array of N bytes and W ranks; host numbers are not counted.
 *
 * @param allReduce {@code 2 N (W - 1) / W} each
 * @param reduceScatter {@code N (W - 1) / W} each, N being the full array
 * @param allGather {@code N (W - 1) / W} each, N being the full array
 * @param broadcast {@code N (W - 1) / W} each: the mean over the ranks
 * @param allToAll rows for other ranks
 */
public record Traffic(long allReduce, long reduceScatter, long allGather, long broadcast, long allToAll) {
    static final Traffic NONE = new Traffic(0, 0, 0, 0, 0);

    /**
     * All operations together.
     *
     * @return bytes
     */
    public long total() {
        return allReduce + reduceScatter + allGather + broadcast + allToAll;
    }

    Traffic plusAllReduce(long bytes, int worldSize) {
        return plus(new Traffic(2 * othersShare(bytes, worldSize), 0, 0, 0, 0));
    }

    Traffic plusReduceScatter(long bytes, int worldSize) {
        return plus(new Traffic(0, othersShare(bytes, worldSize), 0, 0, 0));
    }

    Traffic plusAllGather(long bytes, int worldSize) {
        return plus(new Traffic(0, 0, othersShare(bytes, worldSize), 0, 0));
    }

    Traffic plusBroadcast(long bytes, int worldSize) {
        return plus(new Traffic(0, 0, 0, othersShare(bytes, worldSize), 0));
    }

    Traffic plusAllToAll(NDArray input, long[] sent, int rank) {
        long others = Arrays.stream(sent).sum() - sent[rank];
        long row = GroupArguments.rowSize(input) * ArrayFile.typeOf(input).bytes();
        return plus(new Traffic(0, 0, 0, 0, others * row));
    }

    private static long othersShare(long bytes, int worldSize) {
        return bytes / worldSize * (worldSize - 1);
    }

    /**
     * Adds up.
     *
     * @param other other totals
     * @return sums of each
     */
    public Traffic plus(Traffic other) {
        return new Traffic(
                allReduce + other.allReduce,
                reduceScatter + other.reduceScatter,
                allGather + other.allGather,
                broadcast + other.broadcast,
                allToAll + other.allToAll);
    }
}
