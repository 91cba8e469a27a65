package io.github.gptmoe.train.report;

import java.util.Arrays;

/** The middle of measurements, which a few slow ones do not move. */
public final class Median {
    private Median() {}

    /**
     * Finds it.
     *
     * @param values in any order; not changed
     * @return the middle one, the mean of the middle two of an even number, not a number if there is none
     */
    public static double of(double[] values) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
