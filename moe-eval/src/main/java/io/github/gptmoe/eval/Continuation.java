package io.github.gptmoe.eval;

/**
 * A text under construction, as a {@link Decoding} sees it: what comes next, and how likely. Not for use by several threads
 * at once.
 */
public interface Continuation extends AutoCloseable {
    /**
     * The model's opinion on the next token.
     *
     * @return one logit for each id of the tokenizer's vocabulary; the caller must not change it
     */
    float[] logits();

    /**
     * Chooses the next token.
     *
     * @param id an id below the number of logits
     */
    void append(int id);

    /**
     * Branches off.
     *
     * @return an independent continuation of the same text, to be closed by the caller
     */
    Continuation fork();

    @Override
    void close();
}
