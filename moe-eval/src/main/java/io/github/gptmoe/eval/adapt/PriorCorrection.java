package io.github.gptmoe.eval.adapt;

import java.util.Arrays;

/**
 * Takes a labeller's favour for some classes away: {@code p'(k | x) = f_k p(k | x) / sum_j f_j p(j | x)}, with factors such that
 * the mean of p' over the rows is the same for every class. They are found by fixed-point iteration, as in the estimate of class
 * priors by Saerens, Latinne and Decaestecker (2002, Neural Computation 14), here with the prior given and the factors unknown.
 */
final class PriorCorrection {
    private static final int MOST_ITERATIONS = 200;
    private static final double CLOSE = 1e-6;

    private PriorCorrection() {}

    /**
     * Corrects to a uniform prior. Rows of zeros stay as they are and do not count; a class without any probability stays empty.
     *
     * @param probabilities one row each, over the classes; not changed
     * @return a new array of the same shape
     */
    static double[][] uniform(double[][] probabilities) {
        double[][] corrected = Arrays.stream(probabilities).map(double[]::clone).toArray(double[][]::new);
        int classes = probabilities.length == 0 ? 0 : probabilities[0].length;
        for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
            double[] sums = new double[classes];
            for (double[] row : corrected) {
                for (int k = 0; k < classes; k++) {
                    sums[k] += row[k];
                }
            }
            double all = Arrays.stream(sums).sum();
            long present = Arrays.stream(sums).filter(sum -> sum > 0).count();
            double target = present == 0 ? 0 : all / present;
            double worst = Arrays.stream(sums)
                    .filter(sum -> sum > 0)
                    .map(sum -> Math.abs(sum / target - 1))
                    .max()
                    .orElse(0);
            if (worst < CLOSE) {
                break;
            }
            for (double[] row : corrected) {
                scale(row, sums, target);
            }
        }
        return corrected;
    }

    private static void scale(double[] row, double[] sums, double target) {
        double before = Arrays.stream(row).sum();
        if (before == 0) {
            return;
        }
        double after = 0;
        for (int k = 0; k < row.length; k++) {
            row[k] = sums[k] > 0 ? row[k] * target / sums[k] : 0;
            after += row[k];
        }
        for (int k = 0; k < row.length; k++) {
            row[k] *= before / after;
        }
    }
}
