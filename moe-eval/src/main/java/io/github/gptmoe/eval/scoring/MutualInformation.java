package io.github.gptmoe.eval.scoring;

import java.util.Set;
import java.util.stream.IntStream;

/**
 * Domain-conditional pointwise mutual information (Holtzman et al. 2021): {@code log p(label | text) - log p(label |
 * premise)}, where the premise is what the pattern says of the task without any text.
 */
public record MutualInformation() implements ScoringRule {
    @Override
    public String name() {
        return "pmi";
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.PREMISE);
    }

    @Override
    public double[][] score(ScoredRows rows) {
        double[] premise = rows.premiseLabels(name());
        double[][] labels = rows.labels(name());
        return IntStream.range(0, labels.length)
                .mapToObj(row -> {
                    rows.requireCandidates(name(), row, premise.length);
                    return LogScale.minus(labels[row], premise);
                })
                .toArray(double[][]::new);
    }
}
