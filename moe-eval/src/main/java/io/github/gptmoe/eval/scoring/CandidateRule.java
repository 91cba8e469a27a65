package io.github.gptmoe.eval.scoring;

import java.util.List;

/** A rule that looks at one candidate at a time. */
interface CandidateRule extends ScoringRule {
    /** The candidate's score. */
    double score(CandidateScore candidate);

    @Override
    default double[][] score(ScoredRows rows) {
        return rows.scores().stream().map(this::row).toArray(double[][]::new);
    }

    private double[] row(List<CandidateScore> row) {
        return row.stream()
                .mapToDouble(this::score)
                .map(score -> ScoredRows.known(name(), score))
                .toArray();
    }
}
