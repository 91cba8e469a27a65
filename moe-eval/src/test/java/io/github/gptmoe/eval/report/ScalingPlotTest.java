package io.github.gptmoe.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.eval.plot.Level;
import io.github.gptmoe.eval.plot.Plot;
import io.github.gptmoe.eval.plot.PlotSvg;
import io.github.gptmoe.eval.plot.Points;
import io.github.gptmoe.train.scaling.ScalingRow;
import io.github.gptmoe.train.scaling.ScalingTable;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScalingPlotTest {
    private static ScalingRow row(int value, double nanos, long flops) {
        boolean measured = Double.isFinite(nanos);
        return new ScalingRow(
                BigDecimal.valueOf(value),
                measured ? "block-128" : null,
                10,
                5,
                100,
                nanos / 1e7,
                nanos,
                flops,
                1,
                0.5,
                null,
                1,
                null,
                measured ? List.of(nanos / 1e7) : List.of(),
                measured ? null : "out of memory");
    }

    private static Plot plot(String over, ScalingRow... rows) {
        return ScalingPlot.of(new ScalingTable(over, 3, "fp32", false, 1, 1, List.of(rows)), "small");
    }

    private static List<List<Double>> points(Plot plot, int curve) {
        Points points = plot.curves().get(curve).points();
        return IntStream.range(0, points.size())
                .mapToObj(i -> List.of(points.x(i), points.y(i)))
                .toList();
    }

    @Test
    void flopsPredictFromTheFirstMeasuredValue() {
        Plot plot = plot("model.layers", row(8, 900, 300), row(2, Double.NaN, 100), row(4, 500, 200));
        assertThat(plot.curves()).extracting("name").containsExactly("FLOPs alone", "measured");
        assertThat(points(plot, 0)).containsExactly(List.of(2.0, 300.0), List.of(4.0, 600.0), List.of(8.0, 900.0));
        assertThat(points(plot, 1)).containsExactly(List.of(2.0, Double.NaN), List.of(4.0, 500.0), List.of(8.0, 900.0));
        assertThat(plot.logarithmic()).isTrue();
        assertThat(plot.logarithmicX()).isTrue();
        assertThat(plot.levels()).isEmpty();
    }

    @Test
    void theDenseModelIsALevel() {
        Plot plot = plot("model.experts", row(0, 100, 50), row(4, 120, 50), row(16, 130, 50));
        assertThat(plot.levels()).containsExactly(new Level("dense", 100));
        assertThat(points(plot, 1)).extracting(point -> point.get(0)).containsExactly(4.0, 16.0);
        assertThat(points(plot, 0).get(1).get(1)).isCloseTo(100, within(1e-9));
        assertThat(plot.logarithmicX()).isTrue();
    }

    @Test
    void otherZerosMakeTheAxesLinear() {
        Plot plot = plot("train.clipNorm", row(0, 100, 50), row(1, 120, 50));
        assertThat(plot.logarithmicX()).isFalse();
        assertThat(points(plot, 1)).hasSize(2);
    }

    @Test
    void nothingMeasuredIsNothingToSee(@TempDir Path folder) throws IOException {
        Plot plot = plot("model.layers", row(2, Double.NaN, 100));
        assertThat(plot.hasContent()).isFalse();
        assertThat(PlotSvg.file(plot)).doesNotContain("NaN", "Infinity");
        Path file = folder.resolve("scaling.svg");
        ScalingPlot.write(
                new ScalingTable("model.layers", 1, "fp32", false, 1, 1, List.of(row(2, 5, 9))), "a & b", file);
        assertThat(Files.readString(file)).contains("a &amp; b: time a token over model.layers", "median of 1 round<");
    }
}
