package io.github.gptmoe.train.config;

/**
 * The sizes of a run's steps: a global batch that grows with the sequences seen, and then stays. Early in a run gradients of few
 * sequences say as much as those of many (McCandlish et al. 2018, "An empirical model of large-batch training"; Brown et al.
 * 2020, "Language models are few-shot learners", appendix B).
 *
 * <p>With d = (globalBatch - start) / increment sizes before the last, a step that begins after n sequences has {@code start +
 * increment * min(d, floor(d n / samples))}. So the size follows from the position in the data alone, which is all that a
 * checkpoint needs to have.
 *
 * @param start sequences of the first step
 * @param increment sequences by which a step grows
 * @param globalBatch sequences of a step that begins after {@code samples}
 * @param samples length of the ramp in sequences
 */
public record BatchRamp(int start, int increment, int globalBatch, long samples) {
    /**
     * Checks the numbers.
     *
     * @param start at least 1
     * @param increment at least 1
     * @param globalBatch {@code start} plus a multiple of {@code increment}
     * @param samples at least 1
     */
    public BatchRamp {
        if (start < 1
                || increment < 1
                || samples < 1
                || globalBatch < start
                || (globalBatch - start) % increment != 0) {
            throw new IllegalArgumentException("no ramp leads from " + start + " by " + increment + " to " + globalBatch
                    + " sequences within " + samples);
        }
    }

    /**
     * The same batch in every step.
     *
     * @param globalBatch its sequences
     * @return no ramp
     */
    public static BatchRamp constant(int globalBatch) {
        return new BatchRamp(globalBatch, 1, globalBatch, 1);
    }

    /**
     * The size of a step.
     *
     * @param sample sequences of all steps before it
     * @return sequences
     */
    public int batch(long sample) {
        return start + increment * level(sample);
    }

    /**
     * Where the data stands after some steps.
     *
     * @param sample sequences of all steps before them
     * @param steps how many, at least 0
     * @return sequences of all steps up to the last of them; at most the largest long, for runs that are to go on until stopped
     */
    public long sampleAfter(long sample, long steps) {
        long at = sample;
        long left = steps;
        while (left > 0) {
            int level = level(at);
            long size = start + (long) increment * level;
            long made = level == levels() ? left : Math.min(left, ceil(begin(level + 1) - at, size));
            at = plusProduct(at, made, size);
            left -= made;
        }
        return at;
    }

    /**
     * The length of a run.
     *
     * @param sequences that it must see
     * @return the fewest whole steps that see as many
     */
    public long steps(long sequences) {
        long at = 0;
        long steps = 0;
        while (at < sequences) {
            int level = level(at);
            long size = start + (long) increment * level;
            long end = level == levels() ? sequences : Math.min(sequences, begin(level + 1));
            long made = ceil(end - at, size);
            at = plusProduct(at, made, size);
            steps += made;
        }
        return steps;
    }

    /** The sum, or the largest long if that is less; of numbers that are not negative. */
    private static long plusProduct(long sum, long factor, long other) {
        long product = factor * other;
        boolean fits = Math.multiplyHigh(factor, other) == 0 && product >= 0 && sum + product >= 0;
        return fits ? sum + product : Long.MAX_VALUE;
    }

    /** d. */
    private int levels() {
        return (globalBatch - start) / increment;
    }

    /** The sequences after which a step has at least this many increments: the least n with {@code d n / samples >= level}. */
    private long begin(int level) {
        long levels = levels();
        // Whole and rest apart: level * samples may exceed a long.
        return level * (samples / levels) + ceil(level * (samples % levels), levels);
    }

    /** Increments of a step, by bisection. */
    private int level(long sample) {
        if (sample < 0) {
            throw new IllegalArgumentException("sample " + sample);
        }
        int low = 0;
        int high = levels();
        while (low < high) {
            int middle = (int) (((long) low + high + 1) / 2);
            if (begin(middle) <= sample) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private static long ceil(long dividend, long divisor) {
        return -Math.floorDiv(-dividend, divisor);
    }
}
