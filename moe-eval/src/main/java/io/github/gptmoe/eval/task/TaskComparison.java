package io.github.gptmoe.eval.task;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Two sets of predictions for the same rows. Differences are of A's accuracy minus B's.
 *
 * @param name of the rows: task and split
 * @param n rows with a known label
 * @param accuracyA of the first
 * @param accuracyB of the second
 * @param difference {@code accuracyA - accuracyB}
 * @param interval of the difference, 95 %, over resamples that draw the same rows for both
 * @param p twice the share of resamples in which the difference is 0 or has the other sign
 * @param bothRight rows
 * @param onlyA rows that A alone has right
 * @param onlyB rows that B alone has right
 * @param neither rows
 * @param mcNemarP exact two-sided p value of McNemar's test: how likely {@code onlyA} and {@code onlyB} are at least this far
 *     apart if a row that sets A and B apart favours each alike
 */
public record TaskComparison(
        String name,
        int n,
        double accuracyA,
        double accuracyB,
        double difference,
        Interval interval,
        double p,
        int bothRight,
        int onlyA,
        int onlyB,
        int neither,
        double mcNemarP) {

    /** Compares; {@code rightA[i]} and {@code rightB[i]} tell of the same row, of which there is at least one. */
    static TaskComparison of(String name, boolean[] rightA, boolean[] rightB) {
        int both = 0;
        int onlyA = 0;
        int onlyB = 0;
        for (int i = 0; i < rightA.length; i++) {
            both += rightA[i] && rightB[i] ? 1 : 0;
            onlyA += rightA[i] && !rightB[i] ? 1 : 0;
            onlyB += !rightA[i] && rightB[i] ? 1 : 0;
        }
        int n = rightA.length;
        double[] differences = resampled(name, n, onlyA, onlyB);
        return new TaskComparison(
                name,
                n,
                (double) (both + onlyA) / n,
                (double) (both + onlyB) / n,
                (double) (onlyA - onlyB) / n,
                Bootstrap.interval(differences),
                Bootstrap.signReversed(differences),
                both,
                onlyA,
                onlyB,
                n - both - onlyA - onlyB,
                mcNemar(onlyA, onlyB));
    }

    /** Compares rows that were found to be the same. */
    static TaskComparison of(String name, List<PredictedRow> a, List<PredictedRow> b) {
        int[] labelled = IntStream.range(0, a.size())
                .filter(i -> a.get(i).gold() != null)
                .toArray();
        boolean[] rightA = new boolean[labelled.length];
        boolean[] rightB = new boolean[labelled.length];
        for (int i = 0; i < labelled.length; i++) {
            rightA[i] = a.get(labelled[i]).right();
            rightB[i] = b.get(labelled[i]).right();
        }
        return of(name, rightA, rightB);
    }

    /** Difference in each resample. Only how many rows set A and B apart matters to it, not which. */
    double[] resampled() {
        return resampled(name, n, onlyA, onlyB);
    }

    private static double[] resampled(String name, int n, int onlyA, int onlyB) {
        int[] differences = new int[n];
        Arrays.fill(differences, 0, onlyA, 1);
        Arrays.fill(differences, onlyA, onlyA + onlyB, -1);
        return Bootstrap.means(differences, name);
    }

    /** Both tails of a binomial distribution with probability 1/2, its terms as logarithms since 2^n overflows. */
    static double mcNemar(int onlyA, int onlyB) {
        int n = onlyA + onlyB;
        double logTerm = -n * StrictMath.log(2); // C(n, 0) / 2^n
        double tail = 0;
        for (int k = 0; k <= Math.min(onlyA, onlyB); k++) {
            tail += StrictMath.exp(logTerm);
            logTerm += StrictMath.log(n - k) - StrictMath.log(k + 1);
        }
        return Math.min(1, 2 * tail);
    }
}
