package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskRow;
import java.util.List;

/** Says how probable each label of a task is in rows whose labels it does not see. */
@FunctionalInterface
public interface Labeller {
    /**
     * Judges rows.
     *
     * @param task the task
     * @param rows rows without labels
     * @return for each row a probability for each label, with sum 1; or zeros, where it has no opinion
     */
    double[][] probabilities(Task task, List<TaskRow> rows);
}
