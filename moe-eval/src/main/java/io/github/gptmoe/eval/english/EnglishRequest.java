package io.github.gptmoe.eval.english;

import io.github.gptmoe.data.InputException;
import java.nio.file.Path;
import java.util.List;

/**
 * What is evaluated, and where results go.
 *
 * @param tasks names of {@link EnglishTasks}
 * @param data folder with the files of all
 * @param limit most rows of a task, drawn by the seed; 0: all
 * @param seed of that draw
 * @param out folder of the results
 */
public record EnglishRequest(List<String> tasks, Path data, int limit, long seed, Path out) {
    /**
     * Checks the values.
     *
     * @param tasks as above
     * @param data as above
     * @param limit as above
     * @param seed as above
     * @param out as above
     * @throws InputException if the limit is below 0
     */
    public EnglishRequest {
        tasks = List.copyOf(tasks);
        if (limit < 0) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION, "--limit " + limit + ": must be 0 (all rows) or more");
        }
    }
}
