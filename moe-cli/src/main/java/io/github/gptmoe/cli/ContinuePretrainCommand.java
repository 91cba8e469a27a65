package io.github.gptmoe.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.eval.adapt.AdaptationReport;
import io.github.gptmoe.eval.adapt.AdaptationRequest;
import io.github.gptmoe.eval.adapt.AdaptationRun;
import io.github.gptmoe.eval.adapt.BeforeAfter;
import io.github.gptmoe.train.Devices;
import io.github.gptmoe.train.Pretraining;
import io.github.gptmoe.train.Resume;
import io.github.gptmoe.train.RunCheckpoint;
import io.github.gptmoe.train.StopRequest;
import io.github.gptmoe.train.attention.AttentionResolver;
import io.github.gptmoe.train.attention.AttentionTuner;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.report.RunSummary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe continue-pretrain}: adapts a trained model to the text of tasks. */
@Command(
        name = "continue-pretrain",
        description =
                "Goes on training a model on the unlabelled text of tasks, with pseudo labels; the same call again continues.",
        footer = {
            "",
            "Labels of the data are not read, and texts of test splits are not used, unless options say so.",
            "Example: moe continue-pretrain --task eprstmt --checkpoint runs/zh-base --zeroshot"
        })
final class ContinuePretrainCommand extends BaseCommand {
    private static final String SPLIT = "test_public";

    /** The document of a run, with what it was good for beside it. */
    private record Evaluated(
            @JsonUnwrapped @JsonProperty("summary") RunSummary summary,
            @JsonUnwrapped @JsonProperty("report") AdaptationReport report) {}

    @Mixin
    private TaskOptions tasks = new TaskOptions();

    @Mixin
    private CheckpointOption checkpoint = new CheckpointOption();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "standard",
            description = "How to adapt: a YAML file, or a name of configs/adapt; default standard.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Override a key of the config, for example --set adapt.epochs=1. Repeatable.")
    private List<String> sets = new ArrayList<>();

    @Option(
            names = "--few-shot",
            paramLabel = "N",
            description = "Rows of train_0 to train on with their labels: adapt.fewShot.")
    private @Nullable Integer fewShot;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "RUN",
            description = "Run folder; default runs/ and the names of checkpoint and tasks.")
    private @Nullable Path out;

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "1",
            description = "GPUs to train on, one rank each; default 1. Without a GPU, ranks are threads.")
    private int devices;

    @Option(
            names = "--zeroshot",
            description = {
                "Then score the tasks with the start checkpoint and with the adapted run, and compare them: RUN/zeroshot/",
                "and one page, RUN/adaptation.html."
            })
    private boolean zeroshot;

    @Option(
            names = "--split",
            paramLabel = "SPLIT",
            description = "Split with labels that --zeroshot measures accuracies on; default test_public.")
    private @Nullable String split;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    String memoryRemedy() {
        return ConfigOptions.TRAINING_MEMORY_REMEDY;
    }

    @Override
    int run() throws JsonProcessingException {
        if (split != null && !zeroshot) {
            throw mistake("--split belongs to --zeroshot");
        }
        List<Task> chosen = tasks.tasks();
        StopRequest stop = new StopRequest();
        ConsoleProgress progress = new ConsoleProgress(err(), Terminal.errorColumns(), stop);
        StopSignals.connect(
                stop::request,
                "Stopping: a step is finished and saved first. Again to stop at once.",
                progress::message);
        List<String> overrides = new ArrayList<>(sets);
        if (fewShot != null) {
            overrides.add("adapt.fewShot=" + fewShot);
        }
        Path start = checkpoint.pretrained();
        Path folder = out != null ? out : Path.of("runs", name(start, chosen));
        progress.message("run folder " + folder + ", from " + start);
        AdaptationRequest request =
                new AdaptationRequest(start, chosen, tasks.data(progress::message), folder, further -> {
                    List<String> all = new ArrayList<>(overrides);
                    all.addAll(further);
                    return ConfigLoader.loadAdaptation(config, all);
                });
        BeforeAfter evaluation = new BeforeAfter(
                request,
                split != null ? split : SPLIT,
                new StoppableTaskProgress(err(), Terminal.errorColumns(), stop));
        if (zeroshot) {
            evaluation.requireUsable();
        }
        AttentionResolver attention = AttentionTuner.ofUser(progress::message);
        AdaptationRun adaptation = new AdaptationRun(
                request,
                (run, place) -> new Pretraining(
                                run, place, Resume.auto(), progress, stop, attention, new Devices(devices))
                        .run(),
                progress::message);
        try {
            return run(adaptation, zeroshot ? evaluation : null, request);
        } catch (StoppedException early) {
            progress.message(String.valueOf(early.getMessage()));
            return ExitCode.STOPPED;
        }
    }

    private int run(AdaptationRun adaptation, @Nullable BeforeAfter evaluation, AdaptationRequest request)
            throws JsonProcessingException {
        RunSummary summary = adaptation.run();
        if (!summary.finished()) {
            tell(
                    summary,
                    () -> out().println(
                                    "stopped after step " + summary.step() + " of a round; the same call continues"));
            return ExitCode.STOPPED;
        }
        Path folder = request.out();
        if (evaluation != null) {
            AdaptationReport report = evaluation.run(adaptation.rounds());
            report.write(folder);
            tell(new Evaluated(summary, report), () -> {
                out().print(report.text());
                out().println("report " + folder.resolve(AdaptationReport.PAGE));
            });
        } else {
            tell(
                    summary,
                    () -> out().println("next: moe zeroshot --task "
                            + request.tasks().stream().map(Task::name).collect(Collectors.joining(","))
                            + " --checkpoint " + folder));
        }
        return ExitCode.DONE;
    }

    private void tell(Object document, Runnable text) throws JsonProcessingException {
        if (json.asked()) {
            JsonOption.print(out(), document);
        } else {
            text.run();
        }
    }

    private static String name(Path start, List<Task> tasks) {
        Path run = RunCheckpoint.of(start, warning -> {})
                .run()
                .path()
                .toAbsolutePath()
                .normalize();
        return run.getFileName() + "-" + tasks.stream().map(Task::name).collect(Collectors.joining("-"));
    }
}
