package io.github.gptmoe.eval.scoring;

/** {@code log p(label | before)}: the sum over the label's tokens. */
public record Likelihood() implements CandidateRule {
    @Override
    public String name() {
        return "likelihood";
    }

    @Override
    public double score(CandidateScore candidate) {
        return candidate.labelLogProbability();
    }
}
