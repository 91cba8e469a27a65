package io.github.gptmoe.data.clean;

/** Normal forms of Unicode text (Unicode Standard Annex 15). */
public enum UnicodeForm {
    /** As it is. */
    NONE,
    /** Canonical composition: the same characters, written in one way. */
    NFC,
    /** Compatibility composition: also full-width to half-width, circled to plain, which changes Chinese punctuation. */
    NFKC
}
