package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.eval.Largest;

/**
 * What two labellers think together. Where their best labels are the same, the geometric mean of the two, normalised; a row on
 * which they differ is passed over (a row of zeros).
 */
final class Agreement {
    private Agreement() {}

    static double[][] of(double[][] one, double[][] other) {
        double[][] agreed = new double[one.length][];
        for (int row = 0; row < one.length; row++) {
            agreed[row] = new double[one[row].length];
            if (Largest.of(one[row]) == Largest.of(other[row])) {
                double sum = 0;
                for (int k = 0; k < one[row].length; k++) {
                    agreed[row][k] = Math.sqrt(one[row][k] * other[row][k]);
                    sum += agreed[row][k];
                }
                for (int k = 0; k < one[row].length && sum > 0; k++) {
                    agreed[row][k] /= sum;
                }
            }
        }
        return agreed;
    }
}
