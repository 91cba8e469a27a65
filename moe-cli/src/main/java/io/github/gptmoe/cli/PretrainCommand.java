package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.eval.Decoding;
import io.github.gptmoe.eval.GeneratedText;
import io.github.gptmoe.eval.Generator;
import io.github.gptmoe.eval.Sampling;
import io.github.gptmoe.eval.TrainedModel;
import io.github.gptmoe.eval.report.RunReport;
import io.github.gptmoe.train.Devices;
import io.github.gptmoe.train.Pretraining;
import io.github.gptmoe.train.Resume;
import io.github.gptmoe.train.RunFolder;
import io.github.gptmoe.train.StopRequest;
import io.github.gptmoe.train.attention.AttentionResolver;
import io.github.gptmoe.train.attention.AttentionTuner;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.rendezvous.RankEnvironment;
import io.github.gptmoe.train.report.RunSummary;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe pretrain}: trains a model from text, or continues where the same call stopped. */
@Command(
        name = "pretrain",
        description = "Trains a model; the same call again continues where it stopped.",
        footer = {
            "",
            "Ctrl-C stops at the next step with a checkpoint and exit code 75.",
            "Example: moe pretrain --config quickstart --set train.steps=100"
        })
final class PretrainCommand extends BaseCommand {

    private static final double SAMPLE_TEMPERATURE = 0.8;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "RUN",
            description = "Run folder; default runs/ and the name of the config.")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            paramLabel = "auto|never|PATH",
            defaultValue = "auto",
            description = {
                "auto (default): continue from the newest sound checkpoint in the run folder, or begin;",
                "never: begin, and refuse a folder that has checkpoints; PATH: continue from that checkpoint."
            })
    @SuppressWarnings("NullAway.Init") // picocli sets the default
    private String resume;

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "1",
            description = {
                "GPUs of this process to train on, one rank each; default 1. Without a GPU, ranks are threads that share the",
                "processor. RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT connect several processes, each with its GPUs.",
                "train.globalBatch must be a multiple of train.microBatch x the ranks of all processes."
            })
    private int devices;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    String memoryRemedy() {
        return ConfigOptions.TRAINING_MEMORY_REMEDY;
    }

    @Override
    int run() throws JsonProcessingException {
        Devices mine = new Devices(devices, RankEnvironment.of(System.getenv()));
        boolean speaks = mine.environment().process() == 0;
        RunConfig run = config.loadWithData(speaks ? err()::println : line -> {});
        RunFolder folder = new RunFolder(out != null ? out : Path.of("runs", config.baseName()));
        StopRequest stop = new StopRequest();
        ConsoleProgress progress = new ConsoleProgress(err(), Terminal.errorColumns(), stop);
        StopSignals.connect(
                stop::request,
                "Stopping: a step is finished and saved first. Again to stop at once.",
                progress::message);
        if (speaks) {
            progress.message("run folder " + folder.path());
        }
        RunSummary summary;
        try {
            AttentionResolver attention = AttentionTuner.ofUser(progress::message);
            summary = new Pretraining(run, folder, start(), progress, stop, attention, mine).run();
        } catch (StoppedException early) {
            progress.message(String.valueOf(early.getMessage()));
            return ExitCode.STOPPED;
        }
        if (speaks) {
            tell(summary, run, folder, progress);
        }
        return summary.finished() ? ExitCode.DONE : ExitCode.STOPPED;
    }

    /** The files of a run, and what a person wants to see of it, come from one of its processes. */
    private void tell(RunSummary summary, RunConfig run, RunFolder folder, ConsoleProgress progress)
            throws JsonProcessingException {
        if (summary.finished()) {
            report(folder, progress);
        }
        if (json.asked()) {
            JsonOption.print(out(), summary);
        } else {
            print(summary);
            if (summary.finished()) {
                sample(run, folder);
                out().println("next: moe generate --checkpoint " + folder.path() + " --prompt TEXT");
            }
        }
    }

    private Resume start() {
        return switch (resume) {
            case "auto" -> Resume.auto();
            case "never" -> Resume.never();
            default -> Resume.from(Path.of(resume));
        };
    }

    private void print(RunSummary summary) {
        out().printf(
                        Locale.ROOT,
                        "validation loss %.4f (perplexity %.1f); %s%n",
                        summary.validationLoss(),
                        summary.perplexity(),
                        counting(summary));
        out().printf(
                        Locale.ROOT,
                        "%,d tokens in %s: %,.0f tokens/s, MFU %.2f%n",
                        summary.tokens(),
                        ConsoleProgress.duration(summary.wallSeconds()),
                        summary.tokensPerSecond(),
                        summary.mfu());
        if (Double.isFinite(summary.secondsToFirstStep())) {
            out().printf(
                            Locale.ROOT,
                            "first step %.1f s after the start; %.2f %% of the training time waiting for data%n",
                            summary.secondsToFirstStep(),
                            100 * summary.dataWaitShare());
        }
        if (!summary.finished()) {
            out().println("stopped after step " + summary.step() + "; the same call continues");
        }
    }

    private static String counting(RunSummary summary) {
        return Double.isFinite(summary.unigramLoss())
                ? String.format(
                        Locale.ROOT,
                        "counting models reach %.4f (unigram) and %.4f (bigram)",
                        summary.unigramLoss(),
                        summary.bigramLoss())
                : "no counting models: data.tokenize stream does not see all training tokens";
    }

    /** The run itself is done: whatever keeps its page from being written must not make it a failure. */
    private static void report(RunFolder folder, ConsoleProgress progress) {
        try {
            RunReport.read(List.of(folder.path())).write(folder.report());
            progress.message("report " + folder.report());
        } catch (RuntimeException failed) {
            progress.message("warning: no report was written: " + failed.getMessage() + "; moe report " + folder.path()
                    + " makes it");
        }
    }

    /** Lets a person see what the model learnt, before any command has to be looked up. */
    private void sample(RunConfig run, RunFolder folder) {
        String prompt = run.report().samplePrompt();
        if (prompt.isEmpty()) {
            return;
        }
        try (TrainedModel trained = TrainedModel.open(folder.path(), Precision.FP32)) {
            Decoding decoding =
                    new Sampling(SAMPLE_TEMPERATURE, List.of(), run.train().seed());
            GeneratedText text =
                    new Generator(trained).generate(prompt, run.report().sampleTokens(), decoding, piece -> {});
            out().println("sample: " + text.prompt() + text.text());
        }
    }
}
