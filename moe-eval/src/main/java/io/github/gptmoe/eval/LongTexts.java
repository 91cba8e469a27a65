package io.github.gptmoe.eval;

/** What to do with a text of more tokens than the model can look at. */
public enum LongTexts {
    /** Refuse it: every score then means "given all tokens before". */
    REFUSE,
    /**
     * Score it in windows that overlap by half: beyond the first window, a token is scored given at least the last half of
     * the model's sequence length, not given everything.
     */
    WINDOW
}
