package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.eval.Largest;
import io.github.gptmoe.train.config.AdaptConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which rows are trained with which labels, given what a labeller thinks of them. Pure and deterministic.
 *
 * <ol>
 *   <li>Prior correction: probabilities are scaled by a factor for each class until every class has the same mean probability
 *       ({@link PriorCorrection}).
 *   <li>Confidence: a row whose largest probability is below the threshold gets no label.
 *   <li>Balance: with n labelled rows and K classes, a class keeps its surest {@code ceil(balance * n / K)} rows.
 *   <li>Hard: the best label with weight 1. Soft: every label of probability at least 0.1, weights in proportion, with sum 1.
 * </ol>
 *
 * @param confidence smallest probability of the best label, in [0, 1)
 * @param balance most rows of a class, as a multiple of an equal share; 0: any number
 * @param priorCorrection whether classes are made equally frequent first
 * @param soft whether a row has several labels
 */
public record PseudoLabelRule(double confidence, double balance, boolean priorCorrection, boolean soft) {
    private static final double SMALLEST_SOFT = 0.1;

    /**
     * The rule that a configuration asks for.
     *
     * @param config the {@code adapt} section
     * @return its rule
     */
    public static PseudoLabelRule of(AdaptConfig config) {
        return new PseudoLabelRule(
                config.confidence(),
                config.balance(),
                config.priorCorrection(),
                config.labels().equals("soft"));
    }

    /**
     * Chooses.
     *
     * @param probabilities one row each, over the K classes; rows sum to 1, and a row of zeros is one the labeller passes over;
     *     not changed
     * @return labels by row, then by label
     */
    public List<PseudoLabel> choose(double[][] probabilities) {
        double[][] corrected = priorCorrection ? PriorCorrection.uniform(probabilities) : probabilities;
        List<PseudoLabel> chosen = new ArrayList<>();
        for (int row : balanced(confident(corrected), corrected)) {
            chosen.addAll(labels(row, corrected[row]));
        }
        return chosen;
    }

    private List<Integer> confident(double[][] probabilities) {
        return IntStream.range(0, probabilities.length)
                .filter(row -> {
                    double best = Arrays.stream(probabilities[row]).max().orElse(0);
                    return best > 0 && best >= confidence;
                })
                .boxed()
                .toList();
    }

    private List<Integer> balanced(List<Integer> rows, double[][] probabilities) {
        if (balance == 0 || rows.isEmpty()) {
            return rows;
        }
        int classes = probabilities[rows.get(0)].length;
        int most = (int) Math.ceil(balance * rows.size() / classes);
        int[] kept = new int[classes];
        // The sort is stable, so the earlier of two equally sure rows stays.
        return rows.stream()
                .sorted(Comparator.comparingDouble(row -> -probabilities[row][Largest.of(probabilities[row])]))
                .filter(row -> kept[Largest.of(probabilities[row])]++ < most)
                .sorted()
                .toList();
    }

    private List<PseudoLabel> labels(int row, double[] probabilities) {
        if (!soft) {
            return List.of(new PseudoLabel(row, Largest.of(probabilities), 1));
        }
        int best = Largest.of(probabilities);
        int[] large = IntStream.range(0, probabilities.length)
                .filter(label -> label == best || probabilities[label] >= SMALLEST_SOFT)
                .toArray();
        double sum =
                Arrays.stream(large).mapToDouble(label -> probabilities[label]).sum();
        return Arrays.stream(large)
                .mapToObj(label -> new PseudoLabel(row, label, probabilities[label] / sum))
                .toList();
    }
}
