package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskRow;
import java.util.List;

/**
 * Labels where two labellers, each with its favour for some classes taken away, hold the same label for the best; passes over
 * the other rows.
 *
 * @param one a labeller
 * @param other another
 */
public record AgreementLabeller(Labeller one, Labeller other) implements Labeller {
    @Override
    public double[][] probabilities(Task task, List<TaskRow> rows) {
        return Agreement.of(
                PriorCorrection.uniform(one.probabilities(task, rows)),
                PriorCorrection.uniform(other.probabilities(task, rows)));
    }
}
