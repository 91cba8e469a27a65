package io.github.gptmoe.eval.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PointsTest {
    private static final double GAP = Double.NaN;

    private static Points at(double... valuesByStep) {
        List<Integer> steps = IntStream.range(0, valuesByStep.length).boxed().toList();
        return Points.of(steps, step -> step, step -> valuesByStep[step]);
    }

    private static double[] random(int size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, size)
                .mapToDouble(i -> random.nextInt(10) == 0 ? GAP : random.nextDouble(-5, 5))
                .toArray();
    }

    @Test
    void smoothingWeighsByDistance() {
        double[] values = random(60, 1);
        Points smooth = at(values).smoothed(7);
        for (int i = 0; i < values.length; i++) {
            double sum = 0;
            double weights = 0;
            for (int j = 0; j <= i; j++) {
                if (Double.isFinite(values[j])) {
                    sum += Math.exp((j - i) / 7.0) * values[j];
                    weights += Math.exp((j - i) / 7.0);
                }
            }
            if (Double.isFinite(values[i])) {
                assertThat(smooth.y(i)).isCloseTo(sum / weights, within(1e-12));
            } else {
                assertThat(smooth.y(i)).isNaN();
            }
        }
    }

    @Test
    void smoothingKeepsAConstantFromTheFirstPointOn() {
        Points smooth = at(3, 3, GAP, 3).smoothed(100);
        assertThat(smooth.y(0)).isEqualTo(3);
        assertThat(smooth.y(3)).isCloseTo(3, within(1e-12));
        assertThat(at(1, 2).smoothed(0).y(1)).isEqualTo(2);
    }

    @Test
    void thinningKeepsTheExtremesAndEndsOfEveryColumn() {
        int columns = 13;
        double[] values = random(1000, 2);
        Points all = at(values);
        Points thinned = all.thinned(0, 999, columns);
        assertThat(thinned.size()).isBetween(3 * columns, 4 * columns);
        for (int column = 0; column < columns; column++) {
            double[] before = ofColumn(all, column, columns);
            double[] after = ofColumn(thinned, column, columns);
            assertThat(after).contains(before[0], before[before.length - 1]);
            assertThat(max(after)).isEqualTo(max(before));
            assertThat(-max(negative(after))).isEqualTo(-max(negative(before)));
        }
        for (int i = 1; i < thinned.size(); i++) {
            assertThat(thinned.x(i)).isGreaterThan(thinned.x(i - 1));
        }
    }

    private static double[] ofColumn(Points points, int column, int columns) {
        List<Double> values = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            int own = (int) Math.min(columns - 1, Math.floor(points.x(i) / 999 * columns));
            if (own == column && Double.isFinite(points.y(i))) {
                values.add(points.y(i));
            }
        }
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double[] negative(double[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> -values[i]).toArray();
    }

    private static double max(double[] values) {
        return IntStream.range(0, values.length)
                .mapToDouble(i -> values[i])
                .max()
                .orElseThrow();
    }

    @Test
    void thinningShowsAGapThatFillsAColumn() {
        double[] values = new double[100];
        for (int i = 40; i < 60; i++) {
            values[i] = GAP;
        }
        Points thinned = at(values).thinned(0, 100, 10);
        assertThat(IntStream.range(0, thinned.size()).filter(i -> Double.isNaN(thinned.y(i))))
                .hasSize(2);
    }

    @Test
    void shortCurvesStayAsTheyAre() {
        Points points = at(1, 2, 3, 4);
        assertThat(points.thinned(0, 3, 1)).isSameAs(points);
        assertThat(at().smoothed(1).size()).isZero();
        assertThat(at().thinned(0, 1, 10).size()).isZero();
    }
}
