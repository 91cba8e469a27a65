package io.github.gptmoe.data.task;

import java.util.List;

/**
 * A first-level class of a label tree.
 *
 * @param name its name
 * @param word what a pattern writes for it in the place of a label; default the name
 * @param labels values of the labels below it, at least one
 */
public record TaskClass(String name, String word, List<String> labels) {
    /**
     * Fills defaults in for nulls; {@link Task#problems()} judges the values.
     *
     * @param name name of the class
     * @param word what a pattern writes for it
     * @param labels values of its labels
     */
    public TaskClass {
        name = name == null ? "" : name;
        word = word == null ? name : word;
        labels = labels == null ? List.of() : List.copyOf(labels);
    }
}
