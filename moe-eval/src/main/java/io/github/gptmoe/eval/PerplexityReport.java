package io.github.gptmoe.eval;

/**
 * How well a model predicts some documents.
 *
 * @param documents how many
 * @param tokens predicted tokens: those of the documents and the end of each
 * @param bytes size of the texts in UTF-8
 * @param nats negative log-likelihood of all predicted tokens
 */
public record PerplexityReport(long documents, long tokens, long bytes, double nats) {
    /**
     * The mean loss.
     *
     * @return nats a token; NaN without tokens
     */
    public double natsPerToken() {
        return nats / tokens;
    }

    /**
     * The perplexity.
     *
     * @return {@code exp} of the mean loss
     */
    public double perplexity() {
        return Math.exp(natsPerToken());
    }

    /**
     * The mean code length, which does not depend on the tokenizer.
     *
     * @return bits a byte of text
     */
    public double bitsPerByte() {
        return nats / Math.log(2) / bytes;
    }

    PerplexityReport plus(PerplexityReport other) {
        return new PerplexityReport(
                documents + other.documents, tokens + other.tokens, bytes + other.bytes, nats + other.nats);
    }
}
