package io.github.gptmoe.data;

/**
 * What models that only count reach on validation tokens, in nats per token: the bar that a trained model must pass. The
 * tokens predicted are those right after the first of the stream, as many as the trained model is validated on, so that
 * both losses are means over the same targets.
 *
 * <p>Unigram, with add-one smoothing over V pieces and N training tokens: {@code p(w) = (c(w) + 1) / (N + V)}. Bigram,
 * with a Dirichlet prior: {@code p(w | v) = (c(v, w) + beta p(w)) / (c(v) + beta)}, where beta is the value of a grid
 * that is best on these tokens themselves, so no other choice of beta would give a higher bar.
 *
 * @param unigramLoss nats per token of the unigram model
 * @param bigramLoss nats per token of the bigram model
 * @param bigramSmoothing the beta it used
 * @see <a href="https://doi.org/10.1017/S1351324900000218">MacKay and Peto, A hierarchical Dirichlet language model</a>
 */
public record CountingBaselines(double unigramLoss, double bigramLoss, double bigramSmoothing) {
    private static final int LOWEST_POWER_OF_FOUR = -5;
    private static final int HIGHEST_POWER_OF_FOUR = 12;
    private static final int FINE_STEPS = 8;

    /**
     * Counts the training stream and scores the start of the validation stream. Needs memory for the different pairs of
     * the scored tokens only, whatever the size of the training stream.
     *
     * @param train what is counted
     * @param validation what is scored
     * @param targets how many of its tokens are predicted, from the second on; see {@link BatchSource#validationTargets}
     * @param vocabulary V, above every token
     * @return both losses
     */
    public static CountingBaselines of(TokenShards train, TokenShards validation, long targets, int vocabulary) {
        if (vocabulary < Math.max(train.vocabularySize(), validation.vocabularySize())) {
            throw new IllegalArgumentException("vocabulary " + vocabulary + " is below the tokenizer's");
        }
        if (targets < 1 || targets >= validation.tokens()) {
            throw new IllegalArgumentException(targets + " targets of " + validation.tokens() + " tokens");
        }
        BigramCounts counts = BigramCounts.of(train, validation, targets, vocabulary);
        double unigram = counts.unigramLoss();
        double best = 1;
        double bestLoss = Double.POSITIVE_INFINITY;
        for (int power = LOWEST_POWER_OF_FOUR; power <= HIGHEST_POWER_OF_FOUR; power++) {
            double smoothing = Math.pow(4, power);
            double loss = counts.bigramLoss(smoothing);
            if (loss < bestLoss) {
                bestLoss = loss;
                best = smoothing;
            }
        }
        double coarse = best;
        for (int step = -FINE_STEPS + 1; step < FINE_STEPS; step++) {
            double smoothing = coarse * Math.pow(4, (double) step / FINE_STEPS);
            double loss = counts.bigramLoss(smoothing);
            if (loss < bestLoss) {
                bestLoss = loss;
                best = smoothing;
            }
        }
        return new CountingBaselines(unigram, bestLoss, best);
    }
}
