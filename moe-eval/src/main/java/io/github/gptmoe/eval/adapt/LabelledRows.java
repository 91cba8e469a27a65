package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskRow;
import java.util.List;

/**
 * What a task brings to a round.
 *
 * @param task the task
 * @param rows its rows, without labels
 * @param labels pseudo labels of some of the rows
 * @param given rows with their true labels, which were asked for
 * @param share of the task in the loss, relative to the others; 0: in proportion to its rows
 */
record LabelledRows(Task task, List<TaskRow> rows, List<PseudoLabel> labels, List<TaskRow> given, double share) {}
