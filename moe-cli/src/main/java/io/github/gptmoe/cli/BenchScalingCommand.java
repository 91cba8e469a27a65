package io.github.gptmoe.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.eval.report.ScalingPlot;
import io.github.gptmoe.train.rendezvous.RankEnvironment;
import io.github.gptmoe.train.scaling.ScalingBenchmark;
import io.github.gptmoe.train.scaling.ScalingPoint;
import io.github.gptmoe.train.scaling.ScalingRow;
import io.github.gptmoe.train.scaling.ScalingTable;
import io.github.gptmoe.train.scaling.StepOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moe bench scaling}: what a token costs as one setting grows. */
@Command(
        name = "scaling",
        description = "Times training steps while one numeric setting grows, each value in a process of its own.",
        footer = {
            "",
            "model.sequenceLength keeps the tokens of a step (fewer, longer sequences), model.hidden the size of a head,",
            "model.layers the experts of a layer; model.experts takes numbers, 0 being the dense model. Rounds go through",
            "all values in turn; figures are medians over rounds, ratios medians of the rounds' ratios. The exponent is",
            "that of cost a token = value^exponent, by least squares in logarithms. The form of attention is that of the",
            "fixed rule, whatever bench autotune has kept, unless --set train.attention names one; each row says which it",
            "was. A value that fails, for lack of memory",
            "or otherwise, has a row that says so; the exit code is 3 only if every value fails.",
            "Ctrl-C ends the measurement that runs and shows what was measured until then; the exit code is then 75.",
            "Example: moe bench scaling --config bench-small --over model.experts --values 0,4,16 --plot experts.svg"
        })
final class BenchScalingCommand extends BaseCommand {
    private static final double GIB = 1L << 30;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(names = "--over", required = true, paramLabel = "KEY", description = "The setting that grows.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private String over;

    @Option(
            names = "--values",
            required = true,
            split = ",",
            paramLabel = "VALUE",
            description = "Its values; ratios are to the first.")
    @SuppressWarnings("NullAway.Init") // picocli injects it
    private List<String> values;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Timed steps of each measurement, after 3 untimed ones; default: the config's steps less 3.")
    private @Nullable Integer steps;

    @Option(
            names = "--rounds",
            paramLabel = "R",
            defaultValue = "3",
            description = "Measurements of each value; default 3.")
    private int rounds;

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description = "Also draw the measured times, and what FLOPs alone predict, as SVG.")
    private @Nullable Path plot;

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * The document of {@code --json}.
     *
     * @param config what the configuration is called
     * @param table what was measured
     */
    record Document(String config, @JsonUnwrapped ScalingTable table) {}

    @Override
    int run() throws IOException, InterruptedException {
        RankEnvironment.of(System.getenv()).requireAlone("bench scaling");
        requireSense();
        List<ScalingPoint> points = ScalingPoint.all(config::load, over, values);
        ChildMoe moe = ChildMoe.likeThis();
        StopSignals.connect(
                moe::stop,
                "Stopping: what was measured so far is shown. Again to stop at once.",
                message -> err().println(message));
        Progress progress = new Progress(points);
        try {
            ScalingBenchmark.run(points, rounds, new ChildStep(moe, stepOptions()), progress);
        } catch (StoppedException early) {
            return stopped(points, progress);
        }
        ScalingTable table = ScalingTable.of(over, points, rounds, progress.outcomes);
        show(table);
        if (table.values().stream().noneMatch(ScalingRow::measured)) {
            err().println("no value could be measured");
            return ExitCode.ENVIRONMENT;
        }
        if (plot != null) {
            ScalingPlot.write(table, config.baseName(), plot);
            err().println("plot " + plot);
        }
        return ExitCode.DONE;
    }

    /** Rounds that are not complete are worth as much as the others: every ratio is one within a round. */
    private int stopped(List<ScalingPoint> points, Progress progress) throws IOException {
        int done = progress.outcomes.stream().mapToInt(List::size).sum();
        err().println("stopped after " + done + " of " + points.size() * rounds + " measurements"
                + (plot == null ? "" : "; no plot is drawn") + "; the same call begins again");
        if (done > 0) {
            show(ScalingTable.of(over, points, rounds, progress.outcomes));
        }
        return ExitCode.STOPPED;
    }

    private void show(ScalingTable table) throws IOException {
        if (json.asked()) {
            JsonOption.print(out(), new Document(config.baseName(), table));
        } else {
            print(table);
        }
    }

    /** Before an hour of measuring, not after it. */
    private void requireSense() {
        if (steps != null && steps < 1) {
            throw mistake("--steps must be at least 1");
        }
        if (rounds < 1) {
            throw mistake("--rounds must be at least 1");
        }
        if (plot != null && Files.isDirectory(plot)) {
            throw mistake("--plot " + plot + " is a folder; name a file, such as scaling.svg in it");
        }
        if (plot != null && !Files.isWritable(plot.toAbsolutePath().resolveSibling("."))) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "--plot " + plot + ": its folder does not exist or cannot be written; make it, or name another");
        }
    }

    private List<String> stepOptions() {
        List<String> options = new ArrayList<>(config.arguments());
        if (steps != null) {
            options.addAll(List.of("--steps", steps.toString()));
        }
        return options;
    }

    /** Tells the person, and keeps the outcomes of each point for the case that there will be no more. */
    private final class Progress implements ScalingBenchmark.Listener {
        private final List<ScalingPoint> points;
        private final List<List<StepOutcome>> outcomes = new ArrayList<>();

        Progress(List<ScalingPoint> points) {
            this.points = points;
            points.forEach(point -> outcomes.add(new ArrayList<>()));
        }

        private String place(int round, ScalingPoint point) {
            return "round " + round + "/" + rounds + "  " + over + "=" + point.label();
        }

        @Override
        public void starting(int round, ScalingPoint point) {
            err().println(place(round, point) + " ...");
        }

        @Override
        public void ended(int round, ScalingPoint point, StepOutcome outcome) {
            outcomes.get(points.indexOf(point)).add(outcome);
            var result = outcome.result();
            err().println(place(round, point) + "  "
                    + (result == null
                            ? "failed: " + outcome.failure()
                            : String.format(Locale.ROOT, "%.4f s a step", result.secondsPerStep())));
        }
    }

    private void print(ScalingTable table) {
        out().printf(
                        Locale.ROOT,
                        "%s over %s, %s, medians of %s%d %s%n%n",
                        config.baseName(),
                        over,
                        table.precision(),
                        complete(table) ? "" : "at most ",
                        rounds,
                        rounds == 1 ? "round" : "rounds");
        boolean dense = table.hasDense();
        out().printf(
                        Locale.ROOT,
                        "%10s %16s %14s %10s %12s %14s %9s %6s %9s %8s%s  %s%n",
                        "value",
                        "parameters",
                        "active",
                        "s/step",
                        "ns/token",
                        "FLOPs/token",
                        "GFLOP/s",
                        "MFU",
                        "peak GiB",
                        "ratio",
                        dense ? "  MoE tax" : "",
                        "attention");
        table.values().forEach(row -> print(row, dense));
        out().println();
        if (Double.isFinite(table.costExponent())) {
            out().printf(
                            Locale.ROOT,
                            "cost a token grows as %s^%.3f, FLOPs a token as %s^%.3f (least squares over %d values)%n",
                            over,
                            table.costExponent(),
                            over,
                            table.flopsExponent(),
                            table.fitted());
        } else {
            out().println("no exponent: it takes two measured values above 0");
        }
        if (table.mixesAttention()) {
            out().println("the form of attention differs between values, which may be a part of the difference;"
                    + " --set train.attention=FORM takes one for all");
        }
        if (dense && table.residual()) {
            out().println("with model.residual an MoE block computes more than a dense one: compare the FLOPs a token");
        }
        if (over.equals("model.experts") && !dense) {
            out().println("with 0 among the values, the dense model, each row shows its ratio to it (the MoE tax)");
        }
    }

    private boolean complete(ScalingTable table) {
        return table.values().stream().allMatch(row -> row.secondsByRound().size() == rounds);
    }

    private void print(ScalingRow row, boolean dense) {
        out().printf(Locale.ROOT, "%10s %,16d %,14d ", row.value().toPlainString(), row.params(), row.activeParams());
        if (row.measured()) {
            Long peak = row.peakResidentBytes();
            out().printf(
                            Locale.ROOT,
                            "%10.4f %,12.0f %,14d %9.1f %6.3f %9s %8s%s  %s",
                            row.secondsPerStep(),
                            row.nanosPerToken(),
                            row.flopsPerToken(),
                            row.gflops(),
                            row.mfu(),
                            peak == null ? "–" : String.format(Locale.ROOT, "%.3f", peak / GIB),
                            ratio(row.ratioToFirst()),
                            dense ? String.format(Locale.ROOT, " %8s", ratio(row.ratioToDense())) : "",
                            row.attention());
        }
        String failure = row.failure();
        if (failure != null) {
            out().print((row.measured() ? "  rounds " + row.secondsByRound().size() + ", then " : "") + "failed: "
                    + failure);
        } else if (!row.measured()) {
            out().print("not measured");
        }
        out().println();
    }

    private static String ratio(@Nullable Double ratio) {
        double value = Objects.requireNonNullElse(ratio, Double.NaN);
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : "–";
    }
}
