package io.github.gptmoe.train.attention;

import io.github.gptmoe.core.model.NamedAttention;

/**
 * The form a run takes, and why.
 *
 * @param form the form
 * @param reason where the choice comes from, for a person
 */
public record AttentionChoice(NamedAttention form, String reason) {

    /**
     * One line for the log.
     *
     * @return for example {@code attention: block-256 (named by train.attention)}
     */
    public String line() {
        return "attention: " + form.label() + " (" + reason + ")";
    }
}
