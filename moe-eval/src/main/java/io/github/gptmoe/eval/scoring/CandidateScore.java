package io.github.gptmoe.eval.scoring;

/**
 * How probable a candidate is, in natural logs. Each sum is over the tokens of a stretch of the filled-in text, each given
 * all that stand before it; stretches that {@linkplain ScoreParts were not asked for} have no tokens and NaN.
 *
 * @param labelLogProbability of the candidate
 * @param labelTokens its tokens
 * @param tailLogProbability of the candidate and everything behind it
 * @param tailTokens the tokens of both
 * @param textLogProbability of the whole text after its first token
 * @param textTokens its tokens without the first
 */
public record CandidateScore(
        double labelLogProbability,
        int labelTokens,
        double tailLogProbability,
        int tailTokens,
        double textLogProbability,
        int textTokens) {

    /**
     * A score of the candidate alone.
     *
     * @param logProbability of the candidate
     * @param tokens its tokens
     * @return a score without tail and text
     */
    public static CandidateScore ofLabel(double logProbability, int tokens) {
        return new CandidateScore(logProbability, tokens, Double.NaN, 0, Double.NaN, 0);
    }

    /** Puts the sums of the stretches together, as far as they were asked for. */
    static CandidateScore of(CandidatePrompt prompt, int candidate, ScoreParts parts, Sums sums) {
        int labelTokens = prompt.candidates().get(candidate).length;
        if (parts == ScoreParts.LABEL) {
            return ofLabel(sums.label, labelTokens);
        }
        int tailTokens = labelTokens + prompt.after().length;
        double tail = sums.label + sums.after;
        return parts == ScoreParts.TAIL
                ? new CandidateScore(sums.label, labelTokens, tail, tailTokens, Double.NaN, 0)
                : new CandidateScore(
                        sums.label,
                        labelTokens,
                        tail,
                        tailTokens,
                        sums.before + tail,
                        prompt.before().length - 1 + tailTokens);
    }

    /** Log-probabilities of the three stretches of a text; 0 where not asked for. */
    record Sums(double before, double label, double after) {}
}
