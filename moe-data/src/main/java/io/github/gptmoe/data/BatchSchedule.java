package io.github.gptmoe.data;

/**
 * Which samples a rank asks for, in which order: pure arithmetic. Micro-batch m of rank r, of W ranks, counted over all steps, is
 * the (m W + r)-th group of {@code microBatch} samples. Steps may be of any sizes that are multiples of {@code microBatch * W}:
 * where one ends and the next begins changes nothing.
 *
 * @param firstSample where the first step begins, counted over all epochs
 * @param microBatch samples of a request
 * @param rank r, from 0
 * @param ranks W
 */
public record BatchSchedule(long firstSample, int microBatch, int rank, int ranks) {
    /**
     * Checks the numbers.
     *
     * @param firstSample at least 0
     * @param microBatch at least 1
     * @param rank below {@code ranks}
     * @param ranks at least 1
     */
    public BatchSchedule {
        if (firstSample < 0 || microBatch < 1 || ranks < 1 || rank < 0 || rank >= ranks) {
            throw new IllegalArgumentException(
                    "sample " + firstSample + ", batches of " + microBatch + ", rank " + rank + " of " + ranks);
        }
    }

    /**
     * The first sample of a request.
     *
     * @param request its number, from 0
     * @return counted over all epochs
     */
    public long sample(long request) {
        return firstSample + (request * ranks + rank) * microBatch;
    }
}
