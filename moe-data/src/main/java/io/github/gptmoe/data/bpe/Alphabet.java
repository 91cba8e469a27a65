package io.github.gptmoe.data.bpe;

/**
 * Which single characters are pieces.
 *
 * @param coverage the share of all characters of the text, counted with repetition, that must be in the vocabulary, from
 *     0.98 to 1; the rarest ones beyond it are left out
 * @param required characters that are in the vocabulary however rare
 * @param byteFallback whether 256 pieces for bytes stand for what is left out, so that every text can be encoded
 */
public record Alphabet(double coverage, String required, boolean byteFallback) {
    /** Coverage 0.9995, nothing required, no bytes: the defaults of {@code spm_train}. */
    public static final Alphabet STANDARD = new Alphabet(0.9995, "", false);
}
