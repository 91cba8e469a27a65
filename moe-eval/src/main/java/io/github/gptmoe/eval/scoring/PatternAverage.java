package io.github.gptmoe.eval.scoring;

import java.util.List;

/**
 * Joins the scores that several patterns give the same candidates: the mean of {@code log softmax(scores)}, so a geometric
 * mean of what the patterns hold for probable. A pattern that is sure counts more than one that is not.
 */
public final class PatternAverage {
    private PatternAverage() {}

    /**
     * Averages.
     *
     * @param patterns for each pattern, for each row, a score for each candidate
     * @return for each row the mean for each candidate
     * @throws IllegalArgumentException if there is no pattern, or patterns differ in rows or candidates
     */
    public static double[][] of(List<double[][]> patterns) {
        if (patterns.isEmpty()) {
            throw new IllegalArgumentException("there is no pattern to average");
        }
        double[][] means = new double[patterns.get(0).length][];
        for (int row = 0; row < means.length; row++) {
            means[row] = new double[patterns.get(0)[row].length];
        }
        for (double[][] pattern : patterns) {
            if (pattern.length != means.length) {
                throw new IllegalArgumentException(
                        "one pattern has " + means.length + " rows, another " + pattern.length);
            }
            for (int row = 0; row < means.length; row++) {
                add(means[row], LogScale.normalised(pattern[row]), 1.0 / patterns.size(), row);
            }
        }
        return means;
    }

    private static void add(double[] into, double[] scores, double share, int row) {
        if (into.length != scores.length) {
            throw new IllegalArgumentException("row " + row + " has " + into.length + " candidates in one pattern, "
                    + scores.length + " in another");
        }
        for (int candidate = 0; candidate < into.length; candidate++) {
            into[candidate] += share * scores[candidate];
        }
    }
}
