package io.github.gptmoe.data.task;

import java.util.List;

/**
 * Patterns that are used together: the scores of several are averaged.
 *
 * @param name what {@code --patterns} calls it
 * @param rule the scoring rule that {@code auto} means
 * @param patterns one or more
 */
public record PatternSet(String name, String rule, List<TaskPattern> patterns) {
    /**
     * Fills in for nulls; {@link Task#problems()} judges the values.
     *
     * @param name name of the set
     * @param rule scoring rule
     * @param patterns its patterns
     */
    public PatternSet {
        name = name == null ? "" : name;
        rule = rule == null ? "" : rule;
        patterns = patterns == null ? List.of() : List.copyOf(patterns);
    }
}
