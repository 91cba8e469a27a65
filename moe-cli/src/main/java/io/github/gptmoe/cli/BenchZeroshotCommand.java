package io.github.gptmoe.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.task.DrawnRows;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskReader;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.scoring.ScoringBenchmark;
import io.github.gptmoe.eval.scoring.ScoringRule;
import io.github.gptmoe.eval.zeroshot.TaskScorer;
import io.github.gptmoe.eval.zeroshot.ZeroShotSettings;
import io.github.gptmoe.train.config.TaskFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe bench zeroshot}: scoring the labels of a task's rows, with and without shared beginnings. */
@Command(
        name = "zeroshot",
        description =
                "Times scoring the labels of a task: one forward a label, the same in batches, and shared beginnings.",
        footer = {
            "",
            "All three score the same prompts in one process, in turn; the largest difference of their scores is shown.",
            "Example: moe bench zeroshot --task iflytek --checkpoint runs/zh-base"
        })
final class BenchZeroshotCommand extends BaseCommand {

    @Option(
            names = "--task",
            paramLabel = "NAME",
            defaultValue = "iflytek",
            description = "A name of configs/tasks, or a YAML file; default ${DEFAULT-VALUE}, which has 119 labels.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String name;

    @Mixin
    private CheckpointOption checkpoint = new CheckpointOption();

    @Mixin
    private DataOption data = new DataOption();

    @Option(
            names = "--split",
            paramLabel = "SPLIT",
            defaultValue = "test_public",
            description = "Split to draw rows from; default ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String split;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "8",
            description = "Rows, drawn by the seed; default ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed of the rows; default 1.")
    private long seed;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Times that each way is timed; the median counts; default ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--precision",
            paramLabel = "fp32|bf16|fp16",
            defaultValue = "fp32",
            description = "Of weights and activations; default ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private Precision precision;

    @Mixin
    private JsonOption json = new JsonOption();

    /** The benchmark's own fields beside what was measured. */
    private record Measured(
            @JsonProperty("task") String task,
            @JsonProperty("split") String split,
            @JsonProperty("rule") String rule,
            @JsonUnwrapped @JsonProperty("result") ScoringBenchmark.Result result) {}

    @Override
    String memoryRemedy() {
        return "lower --limit";
    }

    @Override
    int run() throws JsonProcessingException {
        if (limit < 1 || rounds < 1) {
            throw mistake("--limit and --rounds must be at least 1");
        }
        Consumer<String> progress = message -> {
            err().println(message);
            err().flush();
        };
        Task task = TaskFiles.load(name);
        ZeroShotSettings settings = ZeroShotSettings.of(ZeroShotSettings.ARTICLE);
        ScoringRule rule = settings.rule(task);
        Path folder = data.folder(progress);
        List<TaskRow> rows = DrawnRows.of(new TaskReader(task, folder).read(split), limit, seed);
        Path run = checkpoint.path();
        try (TrainedModel trained = TrainedModel.open(run, precision)) {
            progress.accept("checkpoint " + trained.checkpointFolder() + ", " + rows.size() + " rows of " + task.name()
                    + ", " + split);
            ScoringBenchmark.Result result = ScoringBenchmark.run(
                    trained,
                    new TaskScorer(trained, settings).prompts(task, rows, List.of()),
                    new ScoringBenchmark.Settings(rule.parts(), rounds, true),
                    progress);
            tell(new Measured(task.name(), split, rule.name(), result));
        }
        return ExitCode.DONE;
    }

    private void tell(Measured measured) throws JsonProcessingException {
        if (json.asked()) {
            JsonOption.print(out(), measured);
            return;
        }
        ScoringBenchmark.Result result = measured.result();
        out().printf(
                        Locale.ROOT,
                        "%s, %s: %d prompts of %.1f candidates behind %.1f tokens, rule %s; %s, %,d parameters,"
                                + " median of %d%n",
                        measured.task(),
                        measured.split(),
                        result.prompts(),
                        result.candidates(),
                        result.beforeTokens(),
                        measured.rule(),
                        result.precision(),
                        result.params(),
                        result.rounds());
        out().printf(
                        Locale.ROOT,
                        "%-12s %10s %12s %16s %19s%n",
                        "",
                        "seconds",
                        "prompts/s",
                        "shared is faster",
                        "largest difference");
        for (ScoringBenchmark.Row row : result.results()) {
            out().printf(
                            Locale.ROOT,
                            "%-12s %10.3f %12.3f %15.1fx %19.1e%n",
                            row.name(),
                            row.seconds(),
                            row.promptsPerSecond(),
                            row.slowerThanShared(),
                            row.largestDifference());
        }
    }
}
