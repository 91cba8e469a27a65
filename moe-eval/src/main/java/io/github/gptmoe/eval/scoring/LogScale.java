package io.github.gptmoe.eval.scoring;

import java.util.Arrays;

/** Sums of probabilities given by their natural logs. */
final class LogScale {
    private LogScale() {}

    static double logSum(double[] logs) {
        double largest = Arrays.stream(logs).max().orElse(Double.NEGATIVE_INFINITY);
        if (Double.isInfinite(largest)) {
            return largest;
        }
        double sum = 0;
        for (double value : logs) {
            sum += Math.exp(value - largest);
        }
        return largest + Math.log(sum);
    }

    static double logMean(double[] logs) {
        return logSum(logs) - Math.log(logs.length);
    }

    /** The same up to a constant, as logs of probabilities that sum to 1. */
    static double[] normalised(double[] logs) {
        double sum = logSum(logs);
        return Arrays.stream(logs).map(value -> value - sum).toArray();
    }

    /** The log of the mean probability of each column; rows are normalised first. */
    static double[] logMeanOfColumns(double[][] rows) {
        double[][] normalised = Arrays.stream(rows).map(LogScale::normalised).toArray(double[][]::new);
        double[] means = new double[rows[0].length];
        for (int column = 0; column < means.length; column++) {
            int of = column;
            means[column] = logMean(
                    Arrays.stream(normalised).mapToDouble(row -> row[of]).toArray());
        }
        return means;
    }

    static double[] minus(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }
}
