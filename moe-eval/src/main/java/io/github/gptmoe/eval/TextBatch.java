package io.github.gptmoe.eval;

/**
 * Texts under construction, side by side, as a {@link Decoding} sees them: what comes next in each, and how likely. Not for
 * use by several threads at once.
 */
public interface TextBatch extends AutoCloseable {
    /**
     * The texts.
     *
     * @return how many there are
     */
    int size();

    /**
     * The model's opinion on the next token of a text.
     *
     * @param text number of the text, from 0
     * @return one logit for each id of the tokenizer's vocabulary; the caller must not change it
     */
    float[] logits(int text);

    /**
     * Chooses texts and their next tokens: text i becomes what text {@code sources[i]} is now, followed by {@code ids[i]}.
     * Texts that are no source are dropped and cost nothing from here on; one text may be the source of several.
     *
     * @param sources numbers of texts; may be empty
     * @param ids ids below the number of logits, one for each source
     */
    void advance(int[] sources, int[] ids);

    @Override
    void close();
}
