package io.github.gptmoe.eval.lexical;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskRow;
import java.util.List;
import java.util.Objects;

/** A signal that is large for one label and small for another; the rows above the median are taken to have the first. */
final class Halves {
    private Halves() {}

    /** A number that a row has. */
    @FunctionalInterface
    interface Signal {
        double of(TaskRow row);
    }

    /** The probability of the first label is the share of the rows whose signal is smaller. */
    static LexicalBaseline of(Task task, List<TaskRow> rows, Signal signal) {
        List<String> labels = Objects.requireNonNull(task.lexical()).labels();
        int large = task.labelIndex(labels.get(0)).orElseThrow();
        int small = task.labelIndex(labels.get(1)).orElseThrow();
        Population population =
                new Population(rows.stream().mapToDouble(signal::of).toArray());
        return row -> {
            double[] probabilities = new double[task.labels().size()];
            probabilities[large] = population.rank(signal.of(row));
            probabilities[small] = 1 - probabilities[large];
            return probabilities;
        };
    }
}
