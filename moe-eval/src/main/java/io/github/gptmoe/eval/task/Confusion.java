package io.github.gptmoe.eval.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Which labels were taken for which.
 *
 * @param labels values, in the order of rows and columns
 * @param counts number of rows of a label (outer list) that were given a label (inner list)
 */
public record Confusion(List<String> labels, List<List<Integer>> counts) {

    /**
     * One kind of mistake.
     *
     * @param gold index of the right label
     * @param predicted index of the label given
     * @param count how often
     */
    public record Mistake(int gold, int predicted, int count) {}

    /**
     * Counts the labelled rows.
     *
     * @param labels of the task
     * @param predictions any rows
     * @return the matrix
     */
    public static Confusion of(LabelSet labels, List<Prediction> predictions) {
        int[][] counts = new int[labels.size()][labels.size()];
        predictions.stream()
                .filter(Prediction::labelled)
                .forEach(prediction -> counts[prediction.gold()][prediction.predicted()]++);
        return new Confusion(
                labels.values(),
                Arrays.stream(counts)
                        .map(row -> Arrays.stream(row).boxed().toList())
                        .toList());
    }

    int count(int gold, int predicted) {
        return counts.get(gold).get(predicted);
    }

    int goldCount(int gold) {
        return counts.get(gold).stream().mapToInt(Integer::intValue).sum();
    }

    /**
     * The commonest mistakes.
     *
     * @param most how many
     * @return the most frequent first, in the order of labels where equal
     */
    public List<Mistake> top(int most) {
        List<Mistake> mistakes = new ArrayList<>();
        for (int gold = 0; gold < labels.size(); gold++) {
            for (int predicted = 0; predicted < labels.size(); predicted++) {
                if (gold != predicted && count(gold, predicted) > 0) {
                    mistakes.add(new Mistake(gold, predicted, count(gold, predicted)));
                }
            }
        }
        // The sort is stable: equal ones stay in the order of labels.
        mistakes.sort(Comparator.comparingInt(Mistake::count).reversed());
        return List.copyOf(mistakes.subList(0, Math.min(most, mistakes.size())));
    }
}
