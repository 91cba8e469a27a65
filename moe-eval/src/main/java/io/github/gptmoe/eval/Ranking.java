package io.github.gptmoe.eval;

import java.util.Arrays;

/** Probabilities in descending order; sorting primitives keeps a vocabulary of 50,000 at milliseconds. */
final class Ranking {
    private final double[] probabilities;
    private final double[] ascending;

    private Ranking(double[] probabilities) {
        this.probabilities = probabilities;
        ascending = probabilities.clone();
        Arrays.sort(ascending);
    }

    static Ranking of(double[] probabilities) {
        return new Ranking(probabilities);
    }

    private double ranked(int rank) {
        return ascending[ascending.length - 1 - rank];
    }

    /** How many of the first ranks reach a share of the total. */
    int nucleus(double share) {
        double total = 0;
        for (double probability : ascending) {
            total += probability;
        }
        double sum = 0;
        int count = 0;
        while (count < ascending.length && sum < share * total) {
            sum += ranked(count++);
        }
        return count;
    }

    /** Sets all but the first {@code count} ranks to 0; at the boundary, equals stay in the order of their ids. */
    void keep(int count) {
        double last = ranked(count - 1);
        int equalsLeft = count;
        for (double probability : probabilities) {
            if (probability > last) {
                equalsLeft--;
            }
        }
        for (int id = 0; id < probabilities.length; id++) {
            boolean kept = probabilities[id] > last || (probabilities[id] == last && equalsLeft-- > 0);
            if (!kept) {
                probabilities[id] = 0;
            }
        }
    }
}
