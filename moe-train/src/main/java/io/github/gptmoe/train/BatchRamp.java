package io.github.gptmoe.train;

import java.util.ArrayList;
import java.util.List;

/**
 * A global batch that grows in whole micro-batches, linearly in steps or in samples, and then stays: early in a run gradients of
 * few sequences say as much as those of many (McCandlish et al. 2018, "An empirical model of large-batch training"; Brown et al.
 * 2020, "Language models are few-shot learners", appendix B). A pure function of the step, so a resumed run continues exactly.
 */
public final class BatchRamp {
    /** Steps of one size: what begins at a step. */
    private record Level(long firstStep, long firstSample, int batch) {
        /** First sample of a step of this level. */
        long sampleOf(long step) {
            return Math.addExact(firstSample, Math.multiplyExact(step - firstStep, (long) batch));
        }
    }

    private final List<Level> levels = new ArrayList<>();

    private BatchRamp() {}

    /**
     * The same batch in every step.
     *
     * @param globalBatch sequences of a step
     * @return no ramp
     */
    public static BatchRamp constant(int globalBatch) {
        return ofSteps(globalBatch, globalBatch, globalBatch, 1);
    }

    /**
     * Grows with the steps: with {@code d} micro-batches to grow by, step s (from 1) has {@code floor(d (s - 1) / steps)} more
     * than the first.
     *
     * @param start sequences of the first step, a multiple of {@code microBatch}
     * @param globalBatch sequences from step {@code steps + 1} on, a multiple of {@code microBatch}, at least {@code start}
     * @param microBatch sequences of a forward and backward pass
     * @param steps length of the ramp, at least 1
     * @return the ramp
     */
    public static BatchRamp ofSteps(int start, int globalBatch, int microBatch, long steps) {
        check(start, globalBatch, microBatch, steps);
        int growth = (globalBatch - start) / microBatch;
        BatchRamp ramp = new BatchRamp();
        ramp.levels.add(new Level(1, 0, start));
        for (int more = 1; more <= growth; more++) {
            long before = ceil(Math.multiplyExact(steps, (long) more), growth);
            ramp.begin(1 + before, start + more * microBatch);
        }
        return ramp;
    }

    /**
     * Grows with what was seen: a step that begins after {@code n} samples has {@code floor(d n / samples)} micro-batches more
     * than the first.
     *
     * @param start sequences of the first step, a multiple of {@code microBatch}
     * @param globalBatch sequences of steps that begin after {@code samples}, a multiple of {@code microBatch}, at least {@code
     *     start}
     * @param microBatch sequences of a forward and backward pass
     * @param samples length of the ramp, at least 1; for tokens, divided by the sequence length
     * @return the ramp
     */
    public static BatchRamp ofSamples(int start, int globalBatch, int microBatch, long samples) {
        check(start, globalBatch, microBatch, samples);
        int growth = (globalBatch - start) / microBatch;
        BatchRamp ramp = new BatchRamp();
        ramp.levels.add(new Level(1, 0, start));
        for (int more = 1; more <= growth; more++) {
            Level last = ramp.last();
            long seen = ceil(Math.multiplyExact(samples, (long) more), growth);
            long steps = Math.max(0, ceil(seen - last.firstSample, last.batch));
            ramp.begin(last.firstStep + steps, start + more * microBatch);
        }
        return ramp;
    }

    private static void check(int start, int globalBatch, int microBatch, long length) {
        if (microBatch < 1 || start < microBatch || start % microBatch != 0 || globalBatch % microBatch != 0) {
            throw new IllegalArgumentException("batches of " + start + " and " + globalBatch
                    + " sequences must be multiples of the micro-batch " + microBatch);
        }
        if (globalBatch < start || length < 1) {
            throw new IllegalArgumentException(
                    "a ramp from " + start + " to " + globalBatch + " sequences over " + length);
        }
    }

    private static long ceil(long dividend, long divisor) {
        return -Math.floorDiv(-dividend, divisor);
    }

    private Level last() {
        return levels.get(levels.size() - 1);
    }

    /** A level that begins with the one before replaces it: the ramp is steeper than a micro-batch a step. */
    private void begin(long step, int batch) {
        Level last = last();
        if (step == last.firstStep) {
            levels.set(levels.size() - 1, new Level(step, last.firstSample, batch));
        } else {
            levels.add(new Level(step, last.sampleOf(step), batch));
        }
    }

    /** The level of a step, by bisection. */
    private Level levelOf(long step) {
        if (step < 1) {
            throw new IllegalArgumentException("steps are numbered from 1, not " + step);
        }
        int low = 0;
        int high = levels.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (levels.get(middle).firstStep <= step) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return levels.get(low);
    }

    /**
     * The size of a step.
     *
     * @param step from 1
     * @return sequences
     */
    public int batch(long step) {
        return levelOf(step).batch;
    }

    /**
     * Where a step begins.
     *
     * @param step from 1
     * @return sequences of all steps before it
     */
    public long firstSample(long step) {
        return levelOf(step).sampleOf(step);
    }

    /**
     * The length of a run.
     *
     * @param samples sequences that the run must see, at least 1
     * @return the fewest whole steps that see as many
     */
    public long totalSteps(long samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("a run of " + samples + " samples");
        }
        int level = levels.size() - 1;
        while (level > 0 && levels.get(level).firstSample >= samples) {
            level--;
        }
        Level last = levels.get(level);
        return last.firstStep - 1 + ceil(samples - last.firstSample, last.batch);
    }
}
