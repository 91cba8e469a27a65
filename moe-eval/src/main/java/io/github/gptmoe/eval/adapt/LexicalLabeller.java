package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.eval.lexical.LexicalBaseline;
import java.util.List;

/** Labels by the words of a row alone, learnt from the rows themselves. */
public record LexicalLabeller() implements Labeller {
    @Override
    public double[][] probabilities(Task task, List<TaskRow> rows) {
        LexicalBaseline baseline = LexicalBaseline.of(task, rows)
                .orElseThrow(() -> new InputException(
                        InputException.Kind.CONFIGURATION,
                        "task " + task.name() + " has no lexical signal in its file; set adapt.labellers to [model]"));
        return rows.stream().map(baseline::probabilities).toArray(double[][]::new);
    }
}
