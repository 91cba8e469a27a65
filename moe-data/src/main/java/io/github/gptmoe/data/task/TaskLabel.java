package io.github.gptmoe.data.task;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One label of a task.
 *
 * @param value as it stands in the rows (numbers as their digits) and in submissions
 * @param name its name in words; default the value
 * @param shortName a shorter name, for patterns of the form {@code short}; null where the label has none
 * @param seeds a few words that are frequent in texts of this label and rare in others; may be empty
 */
public record TaskLabel(String value, String name, @Nullable String shortName, List<String> seeds) {
    /**
     * Fills defaults in for nulls; {@link Task#problems()} judges the values.
     *
     * @param value text in rows and submissions
     * @param name name in words
     * @param shortName a shorter name
     * @param seeds indicative words
     */
    public TaskLabel {
        value = value == null ? "" : value;
        name = name == null ? value : name;
        seeds = seeds == null ? List.of() : List.copyOf(seeds);
    }
}
