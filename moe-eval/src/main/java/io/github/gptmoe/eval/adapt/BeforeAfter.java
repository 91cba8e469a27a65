package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskReader;
import io.github.gptmoe.eval.task.Comparison;
import io.github.gptmoe.eval.zeroshot.ZeroShotListener;
import io.github.gptmoe.eval.zeroshot.ZeroShotSettings;
import io.github.gptmoe.train.RunCheckpoint;
import io.github.gptmoe.train.RunFolder;
import io.github.gptmoe.train.config.AdaptConfig;
import io.github.gptmoe.train.config.RunConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * What an adaptation has changed: the checkpoint that it started from and the one that it ended with, asked about the same rows
 * in the same patterns, by their rule, in the same precision.
 *
 * <pre>
 * OUT/zeroshot/before/   predictions, results.json     the start checkpoint
 * OUT/zeroshot/after/    predictions, results.json     the adapted run
 * </pre>
 */
public final class BeforeAfter {
    private static final String FOLDER = "zeroshot";

    private final AdaptationRequest request;
    private final AdaptConfig adapt;
    private final String split;
    private final ZeroShotListener listener;

    /**
     * Describes an evaluation; nothing is read yet.
     *
     * @param request the adaptation
     * @param split with labels
     * @param listener hears of progress
     */
    public BeforeAfter(AdaptationRequest request, String split, ZeroShotListener listener) {
        this.request = request;
        this.split = split;
        this.listener = listener;
        adapt = request.config().apply(List.of()).adapt();
    }

    /**
     * Looks whether the evaluation will be possible, which is better known before hours of training than after.
     *
     * @throws InputException if the split has no labels, or its file is missing or has a bad row, or a task lacks the patterns
     */
    public void requireUsable() {
        for (Task task : request.tasks()) {
            settings().rule(task);
            if (task.data().mayLackLabels(split)) {
                throw new InputException(
                        InputException.Kind.CONFIGURATION,
                        "split " + split + " of task " + task.name()
                                + " has no labels, so there is nothing to compare; use test_public or dev_0");
            }
            new TaskReader(task, request.data()).read(split);
        }
    }

    /**
     * Evaluates both; what an earlier call has evaluated in the same way is kept.
     *
     * @param rounds of the finished adaptation
     * @return what came out; files other than the predictions and results of both are the caller's to write
     * @throws InputException if the split cannot be used
     */
    public AdaptationReport run(List<AdaptedRound> rounds) {
        RunFolder run = new RunFolder(request.out());
        RunConfig adapted = run.readConfig();
        Path text = new RoundText(run.path()).validation();
        EvaluatedFolder evaluated = new EvaluatedFolder(
                request, settings(), split, Precision.named(adapted.train().precision()), text, listener);
        Path results = run.path().resolve(FOLDER);
        // Not the checkpoint that was asked for: a run that goes on training has a newer one by now.
        ModelEvaluation before =
                evaluated.of(checkpoint(Path.of(adapted.train().initialWeights())), results.resolve("before"));
        ModelEvaluation after = evaluated.of(checkpoint(run.path()), results.resolve("after"));
        return new AdaptationReport(
                adapt, rounds, before, after, Comparison.of(results.resolve("after"), results.resolve("before")));
    }

    private ZeroShotSettings settings() {
        return ZeroShotSettings.of(adapt.patterns());
    }

    private RunCheckpoint checkpoint(Path folder) {
        return RunCheckpoint.of(folder, listener::message);
    }
}
