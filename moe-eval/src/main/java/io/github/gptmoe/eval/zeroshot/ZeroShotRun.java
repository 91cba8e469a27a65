package io.github.gptmoe.eval.zeroshot;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.DrawnRows;
import io.github.gptmoe.data.task.FewShot;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskLabel;
import io.github.gptmoe.data.task.TaskReader;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.data.task.TaskSubmission;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.lexical.LexicalBaseline;
import io.github.gptmoe.eval.task.LabelSet;
import io.github.gptmoe.eval.task.Prediction;
import io.github.gptmoe.eval.task.PredictionFile;
import io.github.gptmoe.eval.task.ScoringFacts;
import io.github.gptmoe.eval.task.Submission;
import io.github.gptmoe.eval.task.SubmissionFile;
import io.github.gptmoe.eval.task.SubmissionVerifier;
import io.github.gptmoe.eval.task.TaskResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * Evaluates a model on tasks: reads rows, scores them, counts, and writes predictions and submission files.
 *
 * <pre>
 * for each task:
 *   rows of the split -> scores -> predictions.jsonl, result
 *   rows of the test split -> scores -> submission file
 * all submission files -> zip
 * </pre>
 */
public final class ZeroShotRun {
    /** Name of the archive in the folder of results. */
    public static final String ARCHIVE = "submission.zip";

    private final TrainedModel trained;
    private final ZeroShotSettings settings;
    private final ZeroShotRequest request;
    private final ZeroShotListener listener;
    private final TaskScorer scorer;
    private final List<SubmissionFile> files = new ArrayList<>();
    private final Submission submission = new Submission();

    /**
     * Describes an evaluation.
     *
     * @param trained the model; stays open while this runs
     * @param settings how tasks are asked
     * @param request what is evaluated
     * @param listener hears of progress
     */
    public ZeroShotRun(
            TrainedModel trained, ZeroShotSettings settings, ZeroShotRequest request, ZeroShotListener listener) {
        this.trained = trained;
        this.settings = settings;
        this.request = request;
        this.listener = listener;
        scorer = new TaskScorer(trained, settings);
    }

    /**
     * Runs.
     *
     * @return a result for each task, in their order
     * @throws io.github.gptmoe.data.InputException if a file is missing, or a row or a setting does not fit; no task is begun
     *     before all settings are known to fit
     */
    public List<TaskResult> run() {
        request.tasks().forEach(this::requireUsable);
        List<TaskResult> results = request.tasks().stream().map(this::evaluate).toList();
        if (request.submission()) {
            Path archive = submission.write(request.out().resolve("submission"), ARCHIVE).stream()
                    .reduce((first, second) -> second)
                    .orElseThrow();
            new SubmissionVerifier(files).verify(archive);
            listener.message("submission " + archive);
        }
        return results;
    }

    /** Hours of scoring must not end at a bad row of the last task. */
    private void requireUsable(Task task) {
        settings.rule(task);
        TaskReader reader = new TaskReader(task, request.data());
        reader.read(request.split());
        if (request.submission()) {
            reader.read(task.data().test());
        }
        if (settings.keepClasses() > 0 && task.tree().isEmpty()) {
            listener.message(task.name() + " has no first-level classes: all its labels are ranked");
        }
    }

    private TaskResult evaluate(Task task) {
        TaskReader reader = new TaskReader(task, request.data());
        List<TaskRow> examples = examples(task, reader);
        SplitScores measured = score(
                task,
                request.split(),
                DrawnRows.of(reader.read(request.split()), request.limit(), settings.seed()),
                examples);
        LabelSet labels = new LabelSet(
                task.labels().stream().map(TaskLabel::value).toList(),
                task.labels().stream().map(TaskLabel::name).toList());
        List<Prediction> predictions = predictions(measured);
        PredictionFile.write(
                request.out().resolve(PredictionFile.name(task.name(), request.split())), labels, predictions);
        TaskScores scores = measured.scores();
        TaskResult result = TaskResult.of(
                new ScoringFacts(
                        task.name(),
                        request.split(),
                        scores.rule(),
                        scores.seconds(),
                        measured.rows().size() / scores.seconds(),
                        Math.toIntExact(scores.counts().cutPrompts()),
                        accuracy(LexicalBaseline::of, task, reader, measured.rows()),
                        accuracy(LexicalBaseline::ofLabelWords, task, reader, measured.rows())),
                labels,
                predictions);
        if (request.submission()) {
            submit(task, reader, examples);
        }
        return result;
    }

    private List<TaskRow> examples(Task task, TaskReader reader) {
        return settings.examples() == 0
                ? List.of()
                : FewShot.draw(task, reader.read(FewShot.DEFAULT_SPLIT), settings.examples(), settings.seed());
    }

    private SplitScores score(Task task, String split, List<TaskRow> rows, List<TaskRow> examples) {
        TaskScores scores =
                scorer.score(task, rows, examples, done -> listener.scored(task.name(), split, done, rows.size()));
        if (scores.counts().cutPrompts() > 0) {
            listener.message(task.name() + ", " + split + ": " + scores.counts().cutPrompts()
                    + " prompts were too long for " + trained.sequenceLength() + " tokens; "
                    + scores.counts().cutCharacters() + " characters were cut from the middle of their texts");
        }
        if (scores.counts().leftOutExamples() > 0) {
            listener.message(task.name() + ", " + split + ": " + scores.counts().leftOutExamples()
                    + " examples did not fit before their text and were left out");
        }
        return new SplitScores(rows, scores);
    }

    private static List<Prediction> predictions(SplitScores split) {
        int[] answers = split.answers();
        return IntStream.range(0, answers.length)
                .mapToObj(i -> {
                    TaskRow row = split.rows().get(i);
                    return new Prediction(
                            Math.toIntExact(row.line()),
                            row.id(),
                            row.gold().orElse(-1),
                            answers[i],
                            split.scores().scores()[i]);
                })
                .toList();
    }

    /** Learnt from the texts without labels, or, where the task has none, from those of the rows themselves. */
    private double accuracy(
            BiFunction<Task, List<TaskRow>, Optional<LexicalBaseline>> learn,
            Task task,
            TaskReader reader,
            List<TaskRow> rows) {
        if (rows.stream().anyMatch(row -> row.gold().isEmpty())) {
            return Double.NaN;
        }
        String unlabeled = task.data().unlabeled();
        List<TaskRow> texts = unlabeled != null && reader.has(unlabeled) ? reader.read(unlabeled) : rows;
        try {
            Optional<LexicalBaseline> baseline = learn.apply(task, texts);
            return baseline.isEmpty()
                    ? Double.NaN
                    : rows.stream()
                            .mapToInt(row ->
                                    baseline.get().answer(row) == row.gold().orElseThrow() ? 1 : 0)
                            .average()
                            .orElseThrow();
        } catch (InputException nothingToLearn) { // no reason to lose what the model did
            listener.message(task.name() + ": no lexical baseline: " + nothingToLearn.getMessage());
            return Double.NaN;
        }
    }

    private void submit(Task task, TaskReader reader, List<TaskRow> examples) {
        List<TaskRow> rows = reader.read(task.data().test());
        SplitScores scored = score(task, task.data().test(), rows, examples);
        TaskSubmission form = task.submission();
        SubmissionFile file = new SubmissionFile(
                form.file(),
                form.field(),
                form.type() == TaskSubmission.AnswerType.INTEGER,
                rows.stream().map(TaskRow::id).toList(),
                task.labels().stream().map(TaskLabel::value).toList());
        submission.add(file, scored.answers());
        files.add(file);
    }
}
