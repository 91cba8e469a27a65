package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.eval.GenerateBenchmark;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe bench generate}: reading prompts and writing tokens. */
@Command(
        name = "generate",
        description = "Times generation on random prompts: reading them, and writing tokens side by side.",
        footer = {
            "",
            "Writing tokens is bound by memory: the share of its measured ceiling counts the weights that a step needs (of",
            "the experts, those that have a token) and the keys and values of the tokens before.",
            "Example: moe bench generate --config bench-small --set train.precision=bf16 --batch 1,4,16"
        })
final class BenchGenerateCommand extends BaseCommand {
    private static final int PROMPT_TOKENS = 128;
    private static final int TOKENS = 64;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Measure this configuration with random weights.")
    private @Nullable String config;

    @Option(
            names = {"-s", "--set"},
            paramLabel = "KEY=VALUE",
            description = "Override one key of the config; repeatable.")
    private List<String> sets = new ArrayList<>();

    @Mixin
    private CheckpointOption checkpoint = new CheckpointOption();

    @Option(
            names = "--precision",
            paramLabel = "fp32|bf16|fp16",
            description = "Of weights and activations; default: that of the config or the run.")
    private @Nullable Precision precision;

    @Option(
            names = "--batch",
            paramLabel = "N[,N...]",
            split = ",",
            defaultValue = "1,4,16",
            description = "Sequences side by side, one measurement each; default ${DEFAULT-VALUE}.")
    private List<Integer> batches = new ArrayList<>();

    @Option(
            names = "--prompt-tokens",
            paramLabel = "P",
            description = "Tokens of every prompt; default 128, or half of what a shorter model can look at.")
    private @Nullable Integer promptTokens;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "Timed steps; default 64, or as many as a shorter model leaves.")
    private @Nullable Integer tokens;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    String memoryRemedy() {
        return "lower --batch, --prompt-tokens or --tokens";
    }

    @Override
    int run() throws JsonProcessingException {
        if (config != null && checkpoint.isNamed()) {
            throw mistake("give --config or --checkpoint, not both");
        }
        if (config == null && !sets.isEmpty()) {
            throw mistake("--set changes a --config; a checkpoint is what it is, but has --precision");
        }
        Consumer<String> progress = message -> err().println(message);
        GenerateBenchmark.Result result;
        if (config != null) {
            RunConfig run = ConfigLoader.load(config, sets);
            Precision chosen =
                    precision != null ? precision : Precision.named(run.train().precision());
            result = GenerateBenchmark.run(run, chosen, settings(run.model()), progress);
        } else {
            try (TrainedModel trained = precision == null
                    ? TrainedModel.open(checkpoint.path())
                    : TrainedModel.open(checkpoint.path(), precision)) {
                result =
                        GenerateBenchmark.run(trained, settings(trained.config().model()), progress);
            }
        }
        if (json.asked()) {
            JsonOption.print(out(), result);
        } else {
            print(result);
        }
        return ExitCode.DONE;
    }

    private GenerateBenchmark.Settings settings(ModelConfig model) {
        int length = model.sequenceLength();
        int prompt = promptTokens != null ? promptTokens : Math.min(PROMPT_TOKENS, Math.max(1, length / 2));
        int steps = tokens != null ? tokens : Math.max(1, Math.min(TOKENS, length - prompt));
        if (prompt < 1 || steps < 1 || batches.stream().anyMatch(batch -> batch < 1)) {
            throw mistake("--batch, --prompt-tokens and --tokens must be at least 1");
        }
        if (prompt + steps > length) {
            throw mistake("--prompt-tokens " + prompt + " and --tokens " + steps
                    + " exceed the model's sequence length of " + length);
        }
        return new GenerateBenchmark.Settings(batches, prompt, steps);
    }

    private void print(GenerateBenchmark.Result result) {
        out().printf(
                        Locale.ROOT,
                        "%s, %,d parameters, prompts of %d tokens, %d steps; memory ceiling %.1f GB/s%n",
                        result.precision(),
                        result.params(),
                        result.promptTokens(),
                        result.tokens(),
                        result.memoryPeakGigabytes());
        out().printf(
                        Locale.ROOT,
                        "%6s %14s %13s %9s %10s %9s %8s %9s %7s %6s %14s%n",
                        "batch",
                        "prefill tok/s",
                        "decode tok/s",
                        "ms/step",
                        "MB/step",
                        "cache MB",
                        "experts",
                        "GB/s",
                        "share",
                        "calls",
                        "outside calls");
        for (GenerateBenchmark.Row row : result.results()) {
            out().printf(
                            Locale.ROOT,
                            "%6d %,14.1f %,13.1f %9.3f %10.1f %9.1f %8.2f %9.1f %6.1f%% %6.0f %13.1f%%%n",
                            row.batch(),
                            row.prefillTokensPerSecond(),
                            row.decodeTokensPerSecond(),
                            1e3 * row.secondsPerStep(),
                            row.bytesPerStep() / 1e6,
                            row.cacheBytesPerStep() / 1e6,
                            row.expertsPerLayer(),
                            row.gigabytesPerSecond(),
                            100 * row.memoryShare(),
                            row.kernelCallsPerStep(),
                            100 * row.outsideKernels());
        }
    }
}
