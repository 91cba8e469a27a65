package io.github.gptmoe.data.clean;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a text.
 *
 * @param text the cleaned text; null if it was dropped
 * @param changes what rules changed, each rule once, in the order in which they first did
 * @param droppedBy the rule that dropped it; empty otherwise. {@link Cleaner#EMPTY} and {@link Cleaner#UNSETTLED} are no rules
 * @param reason why it was dropped; empty otherwise
 */
public record CleanResult(@Nullable String text, List<Change> changes, String droppedBy, String reason) {

    /**
     * What a rule changed.
     *
     * @param rule its name
     * @param before the whole text before it
     * @param after the whole text after it
     */
    public record Change(String rule, String before, String after) {}

    /**
     * Tells whether the text goes on.
     *
     * @return false if it was dropped
     */
    public boolean kept() {
        return text != null;
    }
}
