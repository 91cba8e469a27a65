package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.train.config.AdaptationConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * What is adapted to what.
 *
 * @param checkpoint the run or checkpoint to start from
 * @param tasks one or several; several are trained on together
 * @param data the data folder, with a folder for each task
 * @param out the run folder to make; that of the last round
 * @param config the configuration, given further {@code section.key=value} overrides
 */
public record AdaptationRequest(
        Path checkpoint, List<Task> tasks, Path data, Path out, Function<List<String>, AdaptationConfig> config) {
    /**
     * Copies the list.
     *
     * @param checkpoint as above
     * @param tasks as above
     * @param data as above
     * @param out as above
     * @param config as above
     */
    public AdaptationRequest {
        tasks = List.copyOf(tasks);
    }
}
