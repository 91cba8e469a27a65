package io.github.gptmoe.train.collective;

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
