package io.github.gptmoe.eval.report;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.eval.plot.Curve;
import io.github.gptmoe.eval.plot.Level;
import io.github.gptmoe.eval.plot.Plot;
import io.github.gptmoe.eval.plot.PlotSvg;
import io.github.gptmoe.eval.plot.Points;
import io.github.gptmoe.train.scaling.ScalingRow;
import io.github.gptmoe.train.scaling.ScalingTable;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The time of a token over what grows: measured, and as the arithmetic alone predicts it from the first measured value. Both
 * axes are logarithmic where all values are above 0, so that a power law is a straight line; a dense model among numbers of
 * experts is a level.
 */
public final class ScalingPlot {
    private ScalingPlot() {}

    /**
     * Draws a table.
     *
     * @param table what was measured
     * @param title such as the name of the configuration
     * @return the plot; {@link Plot#hasContent} is false if nothing was measured
     */
    public static Plot of(ScalingTable table, String title) {
        List<ScalingRow> rows = table.values().stream()
                .filter(row -> !isDense(table, row))
                .sorted(Comparator.comparing(ScalingRow::value))
                .toList();
        boolean positive = rows.stream().allMatch(row -> row.value().signum() > 0);
        Optional<ScalingRow> first =
                table.values().stream().filter(ScalingRow::measured).findFirst();
        double nanosPerFlop =
                first.map(row -> row.nanosPerToken() / row.flopsPerToken()).orElse(Double.NaN);
        return new Plot(
                "scaling",
                title + ": time a token over " + table.over(),
                "nanoseconds, median of " + table.rounds() + (table.rounds() == 1 ? " round" : " rounds"),
                positive,
                positive,
                table.over(),
                "",
                List.of(
                        curve("FLOPs alone", rows, row -> row.flopsPerToken() * nanosPerFlop, 1, Curve.Style.LINE),
                        curve("measured", rows, ScalingRow::nanosPerToken, 0, Curve.Style.MARKED)),
                table.values().stream()
                        .filter(row -> isDense(table, row) && row.measured())
                        .map(row -> new Level("dense", row.nanosPerToken()))
                        .toList());
    }

    /**
     * Writes the plot as a file of its own, replacing an older one at once.
     *
     * @param table what was measured
     * @param title such as the name of the configuration
     * @param file where to
     * @throws InputException if that is not possible
     */
    public static void write(ScalingTable table, String title, Path file) {
        WholeFile.replace(file, PlotSvg.file(of(table, title)), "--plot");
    }

    private static boolean isDense(ScalingTable table, ScalingRow row) {
        return table.over().equals("model.experts") && row.value().signum() == 0;
    }

    private static Curve curve(
            String name, List<ScalingRow> rows, ToDoubleFunction<ScalingRow> y, int colour, Curve.Style style) {
        return new Curve(name, Points.of(rows, row -> row.value().doubleValue(), y), colour, style, Double.NaN);
    }
}
