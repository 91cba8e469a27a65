package io.github.gptmoe.eval.scoring;

/**
 * {@code log p(text) / tokens} of the whole filled-in text after its first token: minus the log of its perplexity, so that
 * the least perplexity wins.
 */
public record TextPerplexity() implements CandidateRule {
    @Override
    public String name() {
        return "perplexity";
    }

    @Override
    public ScoreParts parts() {
        return ScoreParts.TEXT;
    }

    @Override
    public double score(CandidateScore candidate) {
        return candidate.textLogProbability() / candidate.textTokens();
    }
}
