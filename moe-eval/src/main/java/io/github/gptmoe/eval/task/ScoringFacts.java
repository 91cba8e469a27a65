package io.github.gptmoe.eval.task;

import java.util.Objects;

/**
 * What is known of a scored split beside its predictions.
 *
 * @param task name
 * @param split such as {@code test_public}
 * @param rule how candidates were scored
 * @param seconds that scoring took
 * @param promptsPerSecond rows scored with all their candidates, a second
 * @param cutRows rows whose text was too long for the model
 * @param lexical accuracy of the lexical baseline on the same rows; NaN if there is none
 * @param labelWords accuracy of the lexical baseline that begins with the label words alone; NaN if there is none
 */
public record ScoringFacts(
        String task,
        String split,
        String rule,
        double seconds,
        double promptsPerSecond,
        int cutRows,
        double lexical,
        double labelWords) {
    /**
     * Needs the names.
     *
     * @param task as above
     * @param split as above
     * @param rule as above
     * @param seconds as above
     * @param promptsPerSecond as above
     * @param cutRows as above
     * @param lexical as above
     * @param labelWords as above
     */
    public ScoringFacts {
        Objects.requireNonNull(task, "task");
        Objects.requireNonNull(split, "split");
        Objects.requireNonNull(rule, "rule");
    }
}
