package io.github.gptmoe.eval.report;

import io.github.gptmoe.eval.plot.Curve;
import io.github.gptmoe.eval.plot.Level;
import io.github.gptmoe.eval.plot.NumberText;
import io.github.gptmoe.eval.plot.Plot;
import io.github.gptmoe.eval.plot.Points;
import io.github.gptmoe.train.report.RunSummary;
import io.github.gptmoe.train.report.TrainingLine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Which curves a report shows: for each of some runs, over the tokens trained on. */
final class RunPlots {
    /** The smoothed curves average over about this part of the longest run. */
    private static final double SPAN = 0.01;

    private static final double GIB = 1L << 30;

    /** A number of each training line. */
    private record Metric(String key, String title, String unit, Kind kind, ToDoubleFunction<TrainingLine> value) {}

    /** How a metric is drawn. */
    private enum Kind {
        /** As it is. */
        PLAIN,
        /** It is noisy: raw values, and their moving average. */
        SMOOTHED,
        /** The same on a logarithmic axis. */
        SMOOTHED_LOGARITHMIC
    }

    private static final Metric TRAINING_LOSS = new Metric(
            "training-loss", "Training loss", "language-model loss, nats a token", Kind.SMOOTHED, TrainingLine::lmLoss);

    private static final List<Metric> OTHERS = List.of(
            new Metric(
                    "balance-loss",
                    "Balance loss",
                    "unweighted, mean over MoE layers; 1 is even",
                    Kind.SMOOTHED,
                    TrainingLine::balanceLoss),
            new Metric(
                    "margin-loss",
                    "Margin loss",
                    "unweighted, mean over MoE layers",
                    Kind.SMOOTHED,
                    TrainingLine::marginLoss),
            new Metric("learning-rate", "Learning rate", "of each step", Kind.PLAIN, TrainingLine::learningRate),
            new Metric(
                    "gradient-norm",
                    "Gradient norm",
                    "global L2 norm before clipping",
                    Kind.SMOOTHED_LOGARITHMIC,
                    TrainingLine::gradNorm),
            new Metric(
                    "speed",
                    "Training speed",
                    "tokens a second, validation and checkpoints left out",
                    Kind.SMOOTHED,
                    TrainingLine::tokensPerSecond),
            new Metric(
                    "resident-memory",
                    "Resident memory",
                    "GiB of the process",
                    Kind.PLAIN,
                    line -> line.residentBytes() > 0 ? line.residentBytes() / GIB : Double.NaN),
            new Metric(
                    "expert-load",
                    "Busiest expert",
                    "its tokens over the mean, worst MoE layer; 1 is even",
                    Kind.SMOOTHED,
                    line -> line.expertLoad() == null
                            ? Double.NaN
                            : line.expertLoad().maxOverMean()),
            new Metric(
                    "dropped",
                    "Dropped tokens",
                    "share of tokens beyond their expert's capacity, mean over MoE layers",
                    Kind.SMOOTHED,
                    line -> line.expertLoad() == null
                            ? Double.NaN
                            : line.expertLoad().dropped()));

    private final List<ReportRun> runs;
    private final double span;

    RunPlots(List<ReportRun> runs) {
        this.runs = runs;
        this.span = SPAN
                * runs.stream()
                        .mapToDouble(run -> run.lastLine().tokens())
                        .max()
                        .orElse(0);
    }

    /** Every plot, also those without anything to see. */
    List<Plot> all() {
        List<Plot> plots = new ArrayList<>(List.of(plot(TRAINING_LOSS), validationLoss()));
        OTHERS.forEach(metric -> plots.add(plot(metric)));
        return plots;
    }

    /** Tokens after which a line weighs 1/e in a smoothed curve. */
    double span() {
        return span;
    }

    private Plot plot(Metric metric) {
        List<Curve> curves = new ArrayList<>();
        List<Curve> averages = new ArrayList<>();
        boolean smoothed = metric.kind() != Kind.PLAIN;
        for (int i = 0; i < runs.size(); i++) {
            ReportRun run = runs.get(i);
            Points points = Points.of(run.metrics().steps(), TrainingLine::tokens, metric.value());
            Curve.Style style = smoothed ? Curve.Style.RAW : Curve.Style.LINE;
            curves.add(new Curve(run.name(), points, i, style, run.stepsPerToken()));
            if (smoothed) {
                averages.add(new Curve(run.name(), points.smoothed(span), i, Curve.Style.LINE, run.stepsPerToken()));
            }
        }
        curves.addAll(averages); // above all raw curves
        String unit = metric.unit() + (smoothed ? "; pale: raw, strong: smoothed" : "");
        return plot(metric.key(), metric.title(), unit, metric.kind() == Kind.SMOOTHED_LOGARITHMIC, curves, List.of());
    }

    private Plot validationLoss() {
        List<Curve> curves = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            ReportRun run = runs.get(i);
            Points points = Points.of(
                    run.evaluations(),
                    ReportRun.Evaluation::tokens,
                    evaluation -> evaluation.line().validationLoss());
            curves.add(new Curve(run.name(), points, i, Curve.Style.MARKED, run.stepsPerToken()));
        }
        return plot(
                "validation-loss",
                "Validation loss",
                "nats a token; dashed: what counting models reach on the same tokens",
                false,
                curves,
                levels());
    }

    private static Plot plot(
            String key, String title, String unit, boolean logarithmic, List<Curve> curves, List<Level> levels) {
        return new Plot(key, title, unit, logarithmic, "tokens", "steps", curves, levels);
    }

    /** One line for all runs that share a value, which those on the same data do. */
    private List<Level> levels() {
        Map<String, Level> levels = new LinkedHashMap<>();
        for (ReportRun run : runs) {
            RunSummary summary = run.summary();
            if (summary != null) {
                addLevel(levels, "unigram", summary.unigramLoss());
                addLevel(levels, "bigram", summary.bigramLoss());
            }
        }
        return List.copyOf(levels.values());
    }

    private static void addLevel(Map<String, Level> levels, String name, double loss) {
        if (Double.isFinite(loss)) {
            levels.putIfAbsent(name + NumberText.brief(loss), new Level(name, loss));
        }
    }
}
