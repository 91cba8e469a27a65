package io.github.gptmoe.data.task;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A text with places for the texts of a row and for a label.
 *
 * @param text literal words, slots as {@code {name}}, and {@code {label}}; <code>{{</code> and <code>}}</code> are braces. A
 *     slot with a blank may take the place of {@code {label}}
 * @param form which text of the labels it writes; null means {@code name}, or {@code words} where these are given
 * @param words what it writes for each label, in their order; empty where {@code form} says it, or rows bring their own
 *     candidates
 */
public record TaskPattern(String text, @Nullable LabelForm form, List<String> words) {
    /**
     * Fills in for nulls; {@link Task#problems()} judges the values.
     *
     * @param text the pattern
     * @param form text of the labels
     * @param words words for the labels
     */
    public TaskPattern {
        text = text == null ? "" : text;
        words = words == null ? List.of() : List.copyOf(words);
    }

    /**
     * Words and slots of the text.
     *
     * @return the text cut at its braces
     * @throws IllegalArgumentException if {@link Task#problems()} would have found the text unreadable
     */
    public PatternPieces pieces() {
        try {
            return PatternPieces.parse(text);
        } catch (PatternPieces.Unreadable unreadable) {
            throw new IllegalArgumentException("a pattern that was not checked: " + text, unreadable);
        }
    }

    /**
     * What this pattern writes for each label.
     *
     * @param task the task it belongs to
     * @return words in the order of the labels; empty where each row has its own candidates
     */
    public List<String> labelWords(Task task) {
        if (task.data().choices() != null) {
            return List.of();
        }
        return words.isEmpty() ? task.labels().stream().map(label -> own(label)).toList() : words;
    }

    /**
     * Whether a text of the row stands behind the label, where a model that reads from left to right has not seen it yet.
     *
     * @param task the task it belongs to, without problems
     * @return true also where the label fills a blank of a text
     */
    public boolean textFollowsLabel(Task task) {
        int label = text.indexOf("{" + PatternPieces.LABEL + "}");
        return label < 0 || task.slots().stream().anyMatch(slot -> text.indexOf("{" + slot.name() + "}") > label);
    }

    private String own(TaskLabel label) {
        String brief = label.shortName();
        return form == LabelForm.SHORT && brief != null ? brief : label.name();
    }
}
