package io.github.gptmoe.eval.scoring;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Batch calibration (Zhou et al. 2023): {@code log p(label | text) - log mean p(label | text)}, p normalised over the
 * labels, the mean over all rows that are scored together. A label that the model favours whatever the text loses its
 * advantage; so do labels that are frequent, which costs accuracy where classes are far from balanced.
 */
public record BatchCalibration() implements ScoringRule {
    /** Its name. */
    public static final String NAME = "batch-calibration";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public double[][] score(ScoredRows rows) {
        double[][] labels = rows.labels(name());
        if (labels.length == 0) {
            return labels;
        }
        IntStream.range(0, labels.length).forEach(row -> rows.requireCandidates(name(), row, labels[0].length));
        double[] prior = LogScale.logMeanOfColumns(labels);
        return Arrays.stream(labels)
                .map(row -> LogScale.minus(LogScale.normalised(row), prior))
                .toArray(double[][]::new);
    }
}
