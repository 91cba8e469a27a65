package io.github.gptmoe.data;

/**
 * Which samples a rank asks for, in which order: pure arithmetic. A step takes {@code globalBatch} samples; micro-batch m of rank
 * r, of W ranks, is the (m W + r)-th group of {@code microBatch} of them.
 *
 * @param firstSample where the first step begins, counted over all epochs
 * @param globalBatch samples of a step of all ranks; a multiple of {@code microBatch * ranks}
 * @param microBatch samples of a request
 * @param rank r, from 0
 * @param ranks W
 */
public record BatchSchedule(long firstSample, int globalBatch, int microBatch, int rank, int ranks) {
    /**
     * Checks the numbers.
     *
     * @param firstSample at least 0
     * @param globalBatch a multiple of {@code microBatch * ranks}
     * @param microBatch at least 1
     * @param rank below {@code ranks}
     * @param ranks at least 1
     */
    public BatchSchedule {
        if (firstSample < 0 || microBatch < 1 || ranks < 1 || rank < 0 || rank >= ranks || globalBatch < 1) {
            throw new IllegalArgumentException("sample " + firstSample + ", batches of " + globalBatch + " and "
                    + microBatch + ", rank " + rank + " of " + ranks);
        }
        if (globalBatch % Math.multiplyExact(microBatch, ranks) != 0) {
            throw new IllegalArgumentException("a batch of " + globalBatch + " cannot be divided into micro-batches of "
                    + microBatch + " for " + ranks + " ranks");
        }
    }

    /**
     * The first sample of a request.
     *
     * @param request its number, from 0
     * @return counted over all epochs
     */
    public long sample(long request) {
        long perStep = globalBatch / ((long) microBatch * ranks);
        long step = request / perStep;
        long group = request % perStep * ranks + rank;
        return firstSample + step * globalBatch + group * microBatch;
    }
}
