package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.zeroshot.TaskScorer;
import io.github.gptmoe.eval.zeroshot.ZeroShotSettings;
import java.util.Arrays;
import java.util.List;

/**
 * Labels by asking a model as in zero-shot evaluation: the softmax of its scores. With a rule whose scores are means over
 * tokens, such as perplexity, the probabilities are flatter than the model's.
 *
 * @param trained the model; stays open while this is used
 * @param settings how it is asked
 */
public record ModelLabeller(TrainedModel trained, ZeroShotSettings settings) implements Labeller {
    @Override
    public double[][] probabilities(Task task, List<TaskRow> rows) {
        double[][] scores = new TaskScorer(trained, settings)
                .score(task, rows, List.of(), done -> {})
                .scores();
        return Arrays.stream(scores).map(ModelLabeller::softmax).toArray(double[][]::new);
    }

    private static double[] softmax(double[] scores) {
        double largest = Arrays.stream(scores).max().orElse(0);
        double[] exponentials =
                Arrays.stream(scores).map(score -> Math.exp(score - largest)).toArray();
        double sum = Arrays.stream(exponentials).sum();
        return Arrays.stream(exponentials).map(value -> value / sum).toArray();
    }
}
