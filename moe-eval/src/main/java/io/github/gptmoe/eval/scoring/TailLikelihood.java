package io.github.gptmoe.eval.scoring;

/**
 * {@code log p(label, after | before)}: from the candidate to the end of the text. What stands before is the same for all
 * candidates, so the order is that of the probabilities of the whole texts.
 */
public record TailLikelihood() implements CandidateRule {
    @Override
    public String name() {
        return "tail-likelihood";
    }

    @Override
    public ScoreParts parts() {
        return ScoreParts.TAIL;
    }

    @Override
    public double score(CandidateScore candidate) {
        return candidate.tailLogProbability();
    }
}
