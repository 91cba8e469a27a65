package io.github.gptmoe.data.text;

/**
 * What happens to a sentence before it is counted, and to every text that the finished model encodes.
 *
 * @param normalization which characters become others
 * @param dummyPrefix whether a space is put before every text, so that a word is the same piece there as after a space
 * @param removeExtraSpaces whether spaces at both ends vanish and several in a row become one
 */
public record TextRules(Normalization normalization, boolean dummyPrefix, boolean removeExtraSpaces) {
    /** {@code nmt_nfkc}, dummy prefix, extra spaces removed: the defaults of {@code spm_train}. */
    public static final TextRules STANDARD = new TextRules(Normalization.NMT_NFKC, true, true);
}
