package io.github.gptmoe.train.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Every problem met so far, with places; thrown once. */
final class ProblemList {

    private record Problem(Origin origin, String text) {}

    private final String source;
    private final List<Problem> problems = new ArrayList<>();

    ProblemList(String source) {
        this.source = source;
    }

    void add(Origin origin, String text) {
        problems.add(new Problem(origin, text));
    }

    void add(Origin origin, String key, String text) {
        add(origin, key + ": " + text);
    }

    boolean isEmpty() {
        return problems.isEmpty();
    }

    /** The exception for all of them, in the order of their places. */
    ConfigException exception() {
        return new ConfigException(
                source,
                problems.stream()
                        .sorted(Comparator.comparing(Problem::origin))
                        .map(problem -> problem.origin() + ": " + problem.text())
                        .distinct()
                        .toList());
    }

    void throwIfAny() {
        if (!isEmpty()) {
            throw exception();
        }
    }
}
