package io.github.gptmoe.eval.plot;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The points of a curve by rising x. A y that is not finite is a gap: nothing is drawn there. Immutable. */
public final class Points {
    /** First, lowest, highest and last. */
    private static final int KEPT_PER_COLUMN = 4;

    private final double[] x;
    private final double[] y;

    private Points(double[] x, double[] y) {
        this.x = x;
        this.y = y;
    }

    /**
     * Takes points out of rows.
     *
     * @param <R> a row
     * @param rows by rising x
     * @param x finite
     * @param y any number; NaN for a gap
     * @return the points
     */
    public static <R> Points of(List<R> rows, ToDoubleFunction<R> x, ToDoubleFunction<R> y) {
        return new Points(
                rows.stream().mapToDouble(x).toArray(),
                rows.stream().mapToDouble(y).toArray());
    }

    /**
     * The number of points, gaps included.
     *
     * @return 0 or more
     */
    public int size() {
        return x.length;
    }

    /**
     * Where a point lies.
     *
     * @param index from 0
     * @return x
     */
    public double x(int index) {
        return x[index];
    }

    /**
     * Its value.
     *
     * @param index from 0
     * @return y, not finite for a gap
     */
    public double y(int index) {
        return y[index];
    }

    /**
     * The exponential moving average over x, with the start corrected: a point at distance d behind weighs
     * {@code exp(-d / span)}, and weights are divided by their sum. Points should be about evenly spaced. Gaps stay gaps
     * and weigh nothing.
     *
     * @param span distance after which a point weighs 1/e; 0 or less changes nothing
     * @return as many points with the same x
     */
    public Points smoothed(double span) {
        if (span <= 0) {
            return this;
        }
        double[] average = new double[y.length];
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < y.length; i++) {
            double decay = i == 0 ? 1 : Math.exp((x[i - 1] - x[i]) / span);
            sum *= decay;
            weight *= decay;
            if (Double.isFinite(y[i])) {
                sum += y[i];
                weight++;
            }
            average[i] = Double.isFinite(y[i]) ? sum / weight : Double.NaN;
        }
        return new Points(x, average);
    }

    /**
     * Keeps the first, lowest, highest and last point of each column of pixels, which draws the same line as all of them.
     * A gap is kept if it fills a column.
     *
     * @param low x of the left edge
     * @param high x of the right edge
     * @param columns pixels between them
     * @return at most four points a column; these points themselves if they are no more than that
     * @see <a href="https://doi.org/10.14778/2732951.2732953">Jugel et al., M4: a visualization-oriented time series data
     *     aggregation</a>
     */
    public Points thinned(double low, double high, int columns) {
        if (x.length <= KEPT_PER_COLUMN * columns) {
            return this;
        }
        IntStream.Builder kept = IntStream.builder();
        int start = 0;
        for (int i = 1; i <= x.length; i++) {
            if (i == x.length || column(i, low, high, columns) != column(start, low, high, columns)) {
                keep(start, i, kept);
                start = i;
            }
        }
        int[] indices = kept.build().toArray();
        return new Points(
                IntStream.of(indices).mapToDouble(index -> x[index]).toArray(),
                IntStream.of(indices).mapToDouble(index -> y[index]).toArray());
    }

    private int column(int index, double low, double high, int columns) {
        double column = Math.floor((x[index] - low) / (high - low) * columns);
        return (int) Math.max(0, Math.min(columns - 1, column));
    }

    private void keep(int start, int end, IntStream.Builder kept) {
        int[] values = IntStream.range(start, end)
                .filter(index -> Double.isFinite(y[index]))
                .toArray();
        if (values.length == 0) {
            kept.add(start);
            return;
        }
        int lowest = values[0];
        int highest = values[0];
        for (int index : values) {
            lowest = y[index] < y[lowest] ? index : lowest;
            highest = y[index] > y[highest] ? index : highest;
        }
        new TreeSet<>(Arrays.asList(values[0], lowest, highest, values[values.length - 1])).forEach(kept::add);
    }
}
