package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.english.EnglishRequest;
import io.github.gptmoe.eval.english.EnglishTasks;
import io.github.gptmoe.eval.task.PublishedScores;
import io.github.gptmoe.eval.task.Summary;
import io.github.gptmoe.eval.task.TaskResult;
import io.github.gptmoe.eval.task.TaskText;
import io.github.gptmoe.eval.zeroshot.ResultFile;
import io.github.gptmoe.eval.zeroshot.ZeroShotRequest;
import io.github.gptmoe.eval.zeroshot.ZeroShotRun;
import io.github.gptmoe.eval.zeroshot.ZeroShotSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe zeroshot}: asks a trained model about tasks it has not been trained for. */
@Command(
        name = "zeroshot",
        description =
                "Scores the labels of tasks with a trained model; writes accuracies, predictions and a submission.",
        subcommands = {ZeroshotCompareCommand.class, ZeroshotJoinCommand.class},
        footer = {
            "",
            "Example: moe zeroshot --task eprstmt,tnews --checkpoint runs/zh-base --split test_public",
            "English: moe zeroshot --task lambada,piqa,boolq,race,webqs (or english), --data default data/english",
            "Two results are compared with: moe zeroshot compare FOLDER FOLDER",
            "Results of different tasks are joined with: moe zeroshot join --out DIR FOLDER..."
        })
final class ZeroshotCommand extends BaseCommand {

    @Mixin
    private TaskOptions tasks = new TaskOptions();

    @Mixin
    private CheckpointOption checkpoint = new CheckpointOption();

    @Option(
            names = "--split",
            paramLabel = "SPLIT",
            defaultValue = "test_public",
            description =
                    "Split whose accuracy is measured: test_public (default), dev_0, test (no labels), or another.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String split;

    @Mixin
    private AskOptions ask = new AskOptions();

    @Option(
            names = "--precision",
            paramLabel = "fp32|bf16|fp16",
            description = "Of weights and activations; default that of the run.")
    private @Nullable Precision precision;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "0",
            description = "At most so many rows of the split, drawn by the seed, and no submission; default 0: all.")
    private int limit;

    @Option(names = "--no-submission", description = "Do not score the test splits, and write no submission.")
    private boolean noSubmission;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "DIR",
            description = "Folder of the results; default zeroshot/ and the settings in the run's folder.")
    private @Nullable Path out;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    int run() throws JsonProcessingException {
        TaskProgress progress = new TaskProgress(err(), Terminal.errorColumns());
        return tasks.english() ? english(progress) : labelled(progress);
    }

    private int labelled(TaskProgress progress) throws JsonProcessingException {
        List<Task> chosen = tasks.tasks();
        Path data = tasks.data(progress::message);
        ZeroShotSettings settings = ask.settings();
        chosen.forEach(settings::rule); // known before a model is read
        Path run = checkpoint.path();
        Path folder = out != null ? out : run.resolve("zeroshot").resolve(folderName(settings, chosen));
        ZeroShotRequest request = new ZeroShotRequest(chosen, data, split, limit, limit == 0 && !noSubmission, folder);
        try (TrainedModel trained = open(run)) {
            progress.message("checkpoint " + trained.checkpointFolder() + ", results " + folder);
            List<TaskResult> results = new ZeroShotRun(trained, settings, request, progress).run();
            tell(results, new Summary(run.getFileName().toString(), results, PublishedScores.shipped()), folder);
        }
        return ExitCode.DONE;
    }

    /** What was asked, so that another question does not overwrite its answer. */
    private String folderName(ZeroShotSettings settings, List<Task> chosen) {
        List<String> names = chosen.stream().map(Task::name).toList();
        return settings.name()
                + (names.equals(TaskOptions.ZEROCLUE) ? "" : "-" + String.join("-", names))
                + (split.equals("test_public") ? "" : "-" + split)
                + (limit > 0 ? "-limit" + limit + "-seed" + ask.seed() : "")
                + (precision == null ? "" : "-" + precision.name().toLowerCase(Locale.ROOT));
    }

    private int english(TaskProgress progress) throws JsonProcessingException {
        List<String> foreign =
                EnglishZeroshot.FOREIGN.stream().filter(this::given).toList();
        if (!foreign.isEmpty()) {
            throw mistake(String.join(", ", foreign)
                    + ": English tasks have one split, one form of prompt and one rule each; leave it out");
        }
        Path data = tasks.englishData(progress::message);
        Path run = checkpoint.path();
        Path folder = out != null ? out : run.resolve("zeroshot").resolve(EnglishTasks.ALL);
        EnglishRequest request = new EnglishRequest(tasks.englishTasks(), data, limit, ask.seed(), folder);
        try (TrainedModel trained = open(run)) {
            progress.message("checkpoint " + trained.checkpointFolder() + ", results " + folder);
            new EnglishZeroshot(request, progress, out(), json.asked()).run(trained);
        }
        return ExitCode.DONE;
    }

    private TrainedModel open(Path run) {
        return precision == null ? TrainedModel.open(run) : TrainedModel.open(run, precision);
    }

    private void tell(List<TaskResult> results, Summary summary, Path folder) throws JsonProcessingException {
        summary.write(folder.resolve("report.html"));
        summary.writeMarkdown(folder.resolve("report.md"));
        ResultFile.write(folder.resolve("results.json"), results);
        if (json.asked()) {
            JsonOption.print(out(), results.size() == 1 ? results.get(0) : results);
            return;
        }
        for (TaskResult result : results) {
            out().print(TaskText.of(result));
        }
        out().print(summary.text());
        out().printf(Locale.ROOT, "report %s%n", folder.resolve("report.html"));
    }
}
