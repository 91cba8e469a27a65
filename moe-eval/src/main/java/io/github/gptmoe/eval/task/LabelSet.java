package io.github.gptmoe.eval.task;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The labels of a task in order.
 *
 * @param values as files have them, numbers as text, each once
 * @param names what a reader is shown, one for each value
 */
public record LabelSet(List<String> values, List<String> names) {
    /**
     * Rejects a set that names no classes.
     *
     * @param values as above
     * @param names as above
     * @throws IllegalArgumentException if there are fewer than two, one twice, or not a name for each
     */
    public LabelSet {
        values = List.copyOf(values);
        names = List.copyOf(names);
        if (values.size() < 2 || values.stream().distinct().count() != values.size()) {
            throw new IllegalArgumentException("labels must be two or more, each once: " + values);
        }
        if (names.size() != values.size()) {
            throw new IllegalArgumentException(names.size() + " names for " + values.size() + " labels");
        }
    }

    /**
     * A set whose values are shown as they are.
     *
     * @param values each once
     * @return the set
     */
    public static LabelSet of(List<String> values) {
        return new LabelSet(values, values);
    }

    /**
     * How many there are.
     *
     * @return at least 2
     */
    public int size() {
        return values.size();
    }

    /** Value to its index. */
    Map<String, Integer> indices() {
        Map<String, Integer> indices = new HashMap<>();
        for (int i = 0; i < values.size(); i++) {
            indices.put(values.get(i), i);
        }
        return indices;
    }
}
