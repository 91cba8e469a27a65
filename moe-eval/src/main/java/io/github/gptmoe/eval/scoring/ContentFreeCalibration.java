package io.github.gptmoe.eval.scoring;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Contextual calibration (Zhao et al. 2021): {@code log(q / sum q)} with {@code q = p(label | text) / p(label | no
 * content)}, both p normalised over the labels, the second a mean over several texts without content.
 */
public record ContentFreeCalibration() implements ScoringRule {
    @Override
    public String name() {
        return "content-free";
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.CONTENT_FREE);
    }

    @Override
    public double[][] score(ScoredRows rows) {
        double[][] contentFree = rows.contentFreeLabels(name());
        int candidates = contentFree[0].length;
        if (Arrays.stream(contentFree).anyMatch(input -> input.length != candidates)) {
            throw new IllegalArgumentException("rule " + name() + ": texts without content differ in their candidates");
        }
        double[] prior = LogScale.logMeanOfColumns(contentFree);
        double[][] labels = rows.labels(name());
        return IntStream.range(0, labels.length)
                .mapToObj(row -> {
                    rows.requireCandidates(name(), row, candidates);
                    return LogScale.normalised(LogScale.minus(labels[row], prior));
                })
                .toArray(double[][]::new);
    }
}
