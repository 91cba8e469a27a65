package io.github.gptmoe.eval.zeroshot;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.Task;
import java.nio.file.Path;
import java.util.List;

/**
 * What is evaluated, and where results go.
 *
 * @param tasks in the order of the table
 * @param data the data folder, with a folder for each task
 * @param split whose accuracy is measured
 * @param limit most rows of a split, drawn by the seed; 0: all
 * @param submission whether the test splits are scored too and the files for the leaderboard are written
 * @param out folder of the results
 */
public record ZeroShotRequest(List<Task> tasks, Path data, String split, int limit, boolean submission, Path out) {
    /**
     * Checks the values.
     *
     * @param tasks as above
     * @param data as above
     * @param split as above
     * @param limit as above
     * @param submission as above
     * @param out as above
     * @throws InputException if the limit is below 0, or would leave rows out of a submission
     */
    public ZeroShotRequest {
        tasks = List.copyOf(tasks);
        if (limit < 0) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION, "--limit " + limit + ": must be 0 (all rows) or more");
        }
        if (limit > 0 && submission) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "--limit " + limit
                            + " leaves rows out, which a submission must not; score all rows, or write none");
        }
    }
}
