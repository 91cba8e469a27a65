package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.scoring.PatternAverage;
import io.github.gptmoe.eval.zeroshot.TaskScorer;
import io.github.gptmoe.eval.zeroshot.ZeroShotSettings;
import java.util.Arrays;
import java.util.List;

/**
 * Labels by asking a model: the softmax of its scores. With a rule that sums over the label and everything behind it, that is the
 * model's own probability of the label; with one that takes means over tokens it would be much flatter.
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
        return Arrays.stream(PatternAverage.of(List.<double[][]>of(scores))) // of one pattern: the log of the softmax
                .map(row -> Arrays.stream(row).map(Math::exp).toArray())
                .toArray(double[][]::new);
    }
}
