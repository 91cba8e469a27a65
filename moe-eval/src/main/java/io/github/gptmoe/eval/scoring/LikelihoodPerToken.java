package io.github.gptmoe.eval.scoring;

/** {@code log p(label | before) / tokens of the label}: labels of different lengths compete on equal terms. */
public record LikelihoodPerToken() implements CandidateRule {
    @Override
    public String name() {
        return "likelihood-per-token";
    }

    @Override
    public double score(CandidateScore candidate) {
        return candidate.labelLogProbability() / candidate.labelTokens();
    }
}
