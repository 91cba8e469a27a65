package io.github.gptmoe.eval.task;

import io.github.gptmoe.eval.CounterRandom;
import java.util.Arrays;

/**
 * Percentile bootstrap (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13): rows are drawn with
 * replacement, as many as there are, {@value #RESAMPLES} times. Draws depend on a name and on counters alone, so the same rows
 * have the same interval on every machine.
 */
final class Bootstrap {
    static final int RESAMPLES = 10_000;
    private static final long SEED = 20_221_126;
    private static final int OUTSIDE = RESAMPLES / 40; // 2.5 % on either side

    private Bootstrap() {}

    /**
     * The mean of each resample.
     *
     * @param values one whole number for each row, at least one row
     * @param name what sets these draws apart from others
     */
    static double[] means(int[] values, String name) {
        long seed = CounterRandom.derived(SEED, name.hashCode());
        double[] means = new double[RESAMPLES];
        long counter = 0;
        for (int resample = 0; resample < RESAMPLES; resample++) {
            long sum = 0; // of whole numbers: no order of summation matters
            for (int i = 0; i < values.length; i++) {
                sum += values[(int) (CounterRandom.uniform(seed, counter++) * values.length)];
            }
            means[resample] = (double) sum / values.length;
        }
        return means;
    }

    /** The middle 95 % of the means. */
    static Interval interval(double[] means) {
        double[] sorted = means.clone();
        Arrays.sort(sorted);
        return new Interval(sorted[OUTSIDE], sorted[sorted.length - 1 - OUTSIDE]);
    }

    /** Of several tasks, the mean over them in each resample. */
    static double[] average(Iterable<double[]> meansOfTasks) {
        double[] sums = new double[RESAMPLES];
        int tasks = 0;
        for (double[] means : meansOfTasks) {
            tasks++;
            for (int i = 0; i < RESAMPLES; i++) {
                sums[i] += means[i];
            }
        }
        for (int i = 0; i < RESAMPLES; i++) {
            sums[i] /= tasks;
        }
        return sums;
    }

    /**
     * Twice the share of the resamples in which the difference is not of the sign it was observed with; one is added to both
     * numbers, since a share of 0 would claim more than this many resamples can tell.
     */
    static double signReversed(double[] differences) {
        long above = Arrays.stream(differences).filter(d -> d >= 0).count();
        long below = Arrays.stream(differences).filter(d -> d <= 0).count();
        return Math.min(1, 2.0 * (Math.min(above, below) + 1) / (differences.length + 1));
    }
}
