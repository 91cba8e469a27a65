package io.github.gptmoe.data.text;

import java.util.Locale;

/** Which characters become others before pieces are looked for; the names are SentencePiece's. */
public enum Normalization {
    /** {@link #NFKC}, and white space of every kind becomes a space, control characters vanish, U+FF5E stays. */
    NMT_NFKC,
    /** Unicode's compatibility composition, as far as rules over single characters and short sequences reach. */
    NFKC,
    /** None: every text comes back from its tokens unchanged, as far as spaces are kept. */
    IDENTITY;

    /**
     * Returns the name in a model file.
     *
     * @return {@code nmt_nfkc}, {@code nfkc} or {@code identity}
     */
    public String modelName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
