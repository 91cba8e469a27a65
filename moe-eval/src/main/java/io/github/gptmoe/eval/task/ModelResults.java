package io.github.gptmoe.eval.task;

import java.util.List;

/**
 * A model and what it reached.
 *
 * @param name of what was scored
 * @param results one of each task, in the order of columns; some may lack labels
 */
public record ModelResults(String name, List<TaskResult> results) {
    /**
     * Insists on one result a task.
     *
     * @param name as above
     * @param results as above
     * @throws IllegalArgumentException if there is no result, or a task twice
     */
    public ModelResults {
        results = List.copyOf(results);
        long distinct = results.stream().map(TaskResult::task).distinct().count();
        if (results.isEmpty() || distinct < results.size()) {
            throw new IllegalArgumentException("a summary needs one result of each task, not "
                    + results.stream().map(TaskResult::task).toList());
        }
    }

    /** The tasks with known labels. */
    List<TaskResult> measured() {
        return results.stream().filter(TaskResult::measured).toList();
    }

    /** What must be the same for two models to stand beside each other. */
    List<String> rows() {
        return results.stream()
                .map(result -> result.task() + ", " + result.split() + ": " + result.labelled() + " of " + result.n())
                .toList();
    }
}
