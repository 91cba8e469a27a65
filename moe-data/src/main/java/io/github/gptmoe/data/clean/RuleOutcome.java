package io.github.gptmoe.data.clean;

import org.jspecify.annotations.Nullable;

/**
 * What a rule makes of a text.
 *
 * @param text the text to go on with; null if the document is dropped
 * @param reason why it is dropped, with the measured value; empty otherwise
 */
public record RuleOutcome(@Nullable String text, String reason) {

    /**
     * Goes on with a text.
     *
     * @param text the same object if nothing was changed
     * @return the outcome
     */
    public static RuleOutcome keep(String text) {
        return new RuleOutcome(text, "");
    }

    /**
     * Drops the document.
     *
     * @param reason why, with the measured value
     * @return the outcome
     */
    public static RuleOutcome drop(String reason) {
        return new RuleOutcome(null, reason);
    }
}
