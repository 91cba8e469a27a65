package io.github.gptmoe.eval.lexical;

import java.util.Arrays;

/** Values of unlabelled rows, in which another value gets a place between 0 and 1. */
final class Population {
    private final double[] sorted;

    /** Copies and sorts; at least one value. */
    Population(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("a population of no values");
        }
        sorted = values.clone();
        Arrays.sort(sorted);
    }

    /** The share of values below, equal ones counting half. */
    double rank(double value) {
        int below = 0;
        int upTo = 0;
        for (double other : sorted) {
            below += other < value ? 1 : 0;
            upTo += other <= value ? 1 : 0;
        }
        return (below + upTo) / (2.0 * sorted.length);
    }
}
