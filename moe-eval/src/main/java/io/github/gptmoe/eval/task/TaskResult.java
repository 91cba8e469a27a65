package io.github.gptmoe.eval.task;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How well a task was solved. Written as JSON, it is the document of {@code moe zeroshot --json}; what is NaN here is null
 * there.
 *
 * @param task name
 * @param split of the data
 * @param n rows
 * @param labelled rows whose label is known: all below counts these alone
 * @param correct rows with the right label
 * @param accuracy {@code correct / labelled}
 * @param interval of the accuracy, 95 %, by {@link Bootstrap}
 * @param macroF1 mean F1 of the labels that rows have or were given
 * @param rule how candidates were scored
 * @param seconds that scoring took
 * @param promptsPerSecond rows a second
 * @param cutRows rows whose text was too long for the model
 * @param baselines accuracies without a model
 * @param perLabel label value to how it fared, in the order of labels
 * @param confusion which labels were taken for which
 */
public record TaskResult(
        String task,
        String split,
        int n,
        int labelled,
        int correct,
        double accuracy,
        Interval interval,
        double macroF1,
        String rule,
        double seconds,
        double promptsPerSecond,
        int cutRows,
        Baselines baselines,
        Map<String, LabelResult> perLabel,
        Confusion confusion) {

    /**
     * Counts.
     *
     * @param facts what is known beside the predictions
     * @param labels of the task
     * @param predictions of all rows
     * @return the result; without any known label, its accuracy is NaN
     * @throws IllegalArgumentException if there is no row, or a prediction does not fit the labels
     */
    public static TaskResult of(ScoringFacts facts, LabelSet labels, List<Prediction> predictions) {
        if (predictions.isEmpty()) {
            throw new IllegalArgumentException(facts.task() + ": no predictions");
        }
        predictions.forEach(prediction -> prediction.requireWithin(labels, facts.task()));
        Confusion confusion = Confusion.of(labels, predictions);
        Map<String, LabelResult> perLabel = perLabel(labels, confusion);
        int labelled = perLabel.values().stream().mapToInt(LabelResult::count).sum();
        int correct = perLabel.values().stream().mapToInt(LabelResult::correct).sum();
        return new TaskResult(
                facts.task(),
                facts.split(),
                predictions.size(),
                labelled,
                correct,
                (double) correct / labelled,
                labelled == 0 ? Interval.NONE : Bootstrap.interval(resampled(facts.task(), correct, labelled)),
                macroF1(perLabel),
                facts.rule(),
                facts.seconds(),
                facts.promptsPerSecond(),
                facts.cutRows(),
                baselines(facts, labels, confusion, labelled),
                perLabel,
                confusion);
    }

    /** Whether labels were known, so that there is an accuracy. */
    boolean measured() {
        return labelled > 0;
    }

    /** Accuracy in each resample. Only how many rows are right matters to it, not which. */
    double[] resampled() {
        return resampled(task, correct, labelled);
    }

    private static double[] resampled(String task, int correct, int labelled) {
        int[] right = new int[labelled];
        Arrays.fill(right, 0, correct, 1);
        return Bootstrap.means(right, task);
    }

    private static Map<String, LabelResult> perLabel(LabelSet labels, Confusion confusion) {
        Map<String, LabelResult> perLabel = new LinkedHashMap<>();
        for (int label = 0; label < labels.size(); label++) {
            int predicted = 0;
            for (int gold = 0; gold < labels.size(); gold++) {
                predicted += confusion.count(gold, label);
            }
            perLabel.put(
                    labels.values().get(label),
                    LabelResult.of(
                            labels.names().get(label),
                            confusion.goldCount(label),
                            predicted,
                            confusion.count(label, label)));
        }
        return Collections.unmodifiableMap(perLabel);
    }

    private static double macroF1(Map<String, LabelResult> perLabel) {
        return perLabel.values().stream()
                .filter(label -> label.count() + label.predicted() > 0)
                .mapToDouble(LabelResult::f1)
                .average()
                .orElse(Double.NaN);
    }

    private static Baselines baselines(ScoringFacts facts, LabelSet labels, Confusion confusion, int labelled) {
        int majority = 0;
        for (int label = 1; label < labels.size(); label++) {
            majority = confusion.goldCount(label) > confusion.goldCount(majority) ? label : majority;
        }
        return new Baselines(
                (double) confusion.goldCount(majority) / labelled,
                labelled == 0 ? "" : labels.values().get(majority),
                1.0 / labels.size(),
                facts.lexical(),
                facts.labelWords());
    }
}
