package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.train.Pretraining;
import io.github.gptmoe.train.Resume;
import io.github.gptmoe.train.RunFolder;
import io.github.gptmoe.train.StopRequest;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.RunSummary;
import java.nio.file.Path;
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

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    int run() throws JsonProcessingException {
        RunConfig run = config.load();
        RunFolder folder = new RunFolder(out != null ? out : Path.of("runs", config.baseName()));
        ConsoleProgress progress = new ConsoleProgress(err(), Terminal.isErrorStream());
        StopRequest stop = new StopRequest();
        StopSignals.connect(stop, progress::message);
        progress.message("run folder " + folder.path());
        Pretraining.Outcome outcome = new Pretraining(run, folder, start(), progress, stop).run();
        if (json.asked()) {
            JsonOption.print(out(), outcome.summary());
        } else {
            print(outcome.summary(), folder, outcome.finished());
        }
        return outcome.finished() ? ExitCode.DONE : ExitCode.STOPPED;
    }

    private Resume start() {
        return switch (resume) {
            case "auto" -> Resume.auto();
            case "never" -> Resume.never();
            default -> Resume.from(Path.of(resume));
        };
    }

    private void print(RunSummary summary, RunFolder folder, boolean finished) {
        out().printf(
                        Locale.ROOT,
                        "validation loss %.4f (perplexity %.1f); counting models reach %.4f (unigram) and %.4f (bigram)%n",
                        summary.validationLoss(),
                        summary.perplexity(),
                        summary.unigramLoss(),
                        summary.bigramLoss());
        out().printf(
                        Locale.ROOT,
                        "%,d tokens in %s: %,.0f tokens/s, MFU %.2f%n",
                        summary.tokens(),
                        ConsoleProgress.duration(summary.wallSeconds()),
                        summary.tokensPerSecond(),
                        summary.mfu());
        if (finished) {
            out().println("next: moe generate --checkpoint " + folder.path() + " --prompt TEXT");
        } else {
            out().println("stopped after step " + summary.step() + "; the same call continues");
        }
    }
}
