package io.github.gptmoe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.gptmoe.train.Devices;
import io.github.gptmoe.train.StepBenchmark;
import io.github.gptmoe.train.attention.AttentionChoice;
import io.github.gptmoe.train.attention.AttentionTuner;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.profile.StepProfile;
import io.github.gptmoe.train.rendezvous.RankEnvironment;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe bench step}: whole training steps on random tokens. */
@Command(
        name = "step",
        description =
                "Times whole training steps on random tokens, and the matrix-product ceiling in the same process.",
        footer = {"", "Example: moe bench step --config bench-small --set train.precision=bf16"})
final class BenchStepCommand extends BaseCommand {
    /** Steps that a config's count leaves out, whatever {@code --warm-up} says: it is part of what figures are compared by. */
    private static final int CONFIGURED_WARM_UP = 3;

    private static final double GIB = 1L << 30;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(names = "--steps", paramLabel = "N", description = "Timed steps; default: the config's steps less 3.")
    private @Nullable Integer steps;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "" + CONFIGURED_WARM_UP,
            description =
                    "Untimed steps before them, in which allocator and compilers warm up; default 3. Steps still get "
                            + "faster up to about the tenth.")
    private int warmUp;

    @Option(
            names = "--profile",
            description = "Show where the steps go, part by part, beside the machine's arithmetic and memory ceilings.")
    private boolean profile;

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Devices that share each step, one rank each; default 1. Without a GPU, ranks are threads of this process.")
    private int devices;

    @Mixin
    private JsonOption json = new JsonOption();

    @Override
    String memoryRemedy() {
        return ConfigOptions.TRAINING_MEMORY_REMEDY;
    }

    @Override
    int run() throws JsonProcessingException {
        RankEnvironment environment = RankEnvironment.of(System.getenv());
        environment.requireAlone("bench step");
        RunConfig run = withAttention(config.load());
        StepBenchmark.Result result = StepBenchmark.run(
                run,
                new Devices(devices, environment),
                warmUp,
                timedSteps(run),
                profile,
                nanos -> err().printf(Locale.ROOT, "step %.3f s%n", nanos / 1e9));
        if (json.asked()) {
            JsonOption.print(out(), result);
        } else {
            print(result);
        }
        return ExitCode.DONE;
    }

    /** What is kept, as a run would take it; nothing is measured here, so that the same call repeats. */
    private RunConfig withAttention(RunConfig run) {
        if (run.train().namedAttention().isPresent()) {
            return run;
        }
        AttentionChoice choice =
                AttentionTuner.ofUserWithoutMeasuring(err()::println).choose(run);
        err().println(choice.line());
        return run.withAttention(choice.form());
    }

    private int timedSteps(RunConfig run) {
        if (steps != null && steps < 1) {
            throw mistake("--steps must be at least 1");
        }
        if (warmUp < 0) {
            throw mistake("--warm-up must be at least 0");
        }
        long configured = run.train().totalSteps(run.model().sequenceLength()) - CONFIGURED_WARM_UP;
        return steps != null ? steps : (int) Math.max(1, Math.min(configured, Integer.MAX_VALUE));
    }

    private void print(StepBenchmark.Result result) {
        out().printf(
                        Locale.ROOT,
                        "%s, attention %s, %,d parameters, %,d tokens a step%n",
                        result.precision(),
                        result.attention(),
                        result.params(),
                        result.tokensPerStep());
        out().printf(
                        Locale.ROOT,
                        "%.4f s a step (median), %,.1f tokens/s, %.1f of %.1f GFLOP/s, MFU %.3f%n",
                        result.secondsPerStep(),
                        result.tokensPerSecond(),
                        result.gflops(),
                        result.gemmPeakGflops(),
                        result.mfu());
        if (result.skippedSteps() > 0) {
            out().println("of the timed steps, " + result.skippedSteps()
                    + " updated nothing, as their gradients were not finite,"
                    + " and took less time; give a higher --warm-up, or a lower train.lossScale.initial");
        }
        printMemory(result);
        if (result.profile() != null) {
            print(result.profile());
        }
    }

    private void printMemory(StepBenchmark.Result result) {
        Long peak = result.peakResidentBytes();
        if (peak == null) {
            out().println("memory: this system does not tell (no /proc/self/status)");
            return;
        }
        Double activations = result.activationBytesPerToken();
        Double faults = result.minorFaultsPerStep();
        out().printf(
                        Locale.ROOT,
                        "peak resident memory %.3f GiB, of which weights, gradients and optimizer %.3f GiB%s%s%n",
                        peak / GIB,
                        result.stateBytes() / GIB,
                        activations == null
                                ? ""
                                : String.format(Locale.ROOT, ", activations at most %,.0f bytes a token", activations),
                        faults == null ? "" : String.format(Locale.ROOT, "; %,.1f minor page faults a step", faults));
    }

    private void print(StepProfile table) {
        out().printf(
                        Locale.ROOT,
                        "%nceilings: %.1f GFLOP/s, %.1f GB/s%n%-32s %6s %9s %6s %9s %9s %11s %9s%n",
                        table.gemmGflops(),
                        table.memoryGigabytes(),
                        "section",
                        "calls",
                        "ms",
                        "share",
                        "GFLOP",
                        "MB",
                        "at ceiling",
                        "bound by");
        for (StepProfile.Row row : table.rows()) {
            out().printf(
                            Locale.ROOT,
                            "%-32s %6.0f %9.2f %5.1f%% %9.1f %9.0f %8.2f ms %10s%n",
                            row.section(),
                            row.calls(),
                            row.milliseconds(),
                            100 * row.share(),
                            row.gflop(),
                            row.megabytes(),
                            row.ceilingMilliseconds(),
                            row.bound());
        }
    }
}
