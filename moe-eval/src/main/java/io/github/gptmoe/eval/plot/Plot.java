package io.github.gptmoe.eval.plot;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * One diagram.
 *
 * @param key its name in file names: lower-case letters and hyphens
 * @param title what it shows
 * @param unit of its values, with what a reader must know of them
 * @param logarithmic whether equal factors of y have equal distance; what is not positive is a gap then
 * @param logarithmicX the same of x, for few points: they are not thinned
 * @param xName unit of the x axis
 * @param secondName unit of the second x axis, which is drawn if all curves agree on it
 * @param curves its lines, drawn in this order
 * @param levels its horizontal lines
 */
public record Plot(
        String key,
        String title,
        String unit,
        boolean logarithmic,
        boolean logarithmicX,
        String xName,
        String secondName,
        List<Curve> curves,
        List<Level> levels) {

    /**
     * A diagram over a linear x.
     *
     * @param key as above
     * @param title as above
     * @param unit as above
     * @param logarithmic as above
     * @param xName as above
     * @param secondName as above
     * @param curves as above
     * @param levels as above
     */
    public Plot(
            String key,
            String title,
            String unit,
            boolean logarithmic,
            String xName,
            String secondName,
            List<Curve> curves,
            List<Level> levels) {
        this(key, title, unit, logarithmic, false, xName, secondName, curves, levels);
    }

    /**
     * Whether there is anything to see: a value that is finite and not 0.
     *
     * @return false if all curves are empty or 0 throughout
     */
    public boolean hasContent() {
        return curves.stream().flatMapToDouble(Plot::values).anyMatch(value -> Double.isFinite(value) && value != 0);
    }

    private static DoubleStream values(Curve curve) {
        return IntStream.range(0, curve.points().size()).mapToDouble(curve.points()::y);
    }

    private static DoubleStream places(Curve curve) {
        return IntStream.range(0, curve.points().size()).mapToDouble(curve.points()::x);
    }

    /** From 0, or from the first point of curves that begin far from it, to the last point. */
    Scale xScale(int mostTicks) {
        double[] places = curves.stream()
                .flatMapToDouble(Plot::places)
                .filter(place -> !logarithmicX || place > 0)
                .toArray();
        double first = DoubleStream.of(places).min().orElse(logarithmicX ? 1 : 0);
        double last = DoubleStream.of(places).max().orElse(1);
        if (logarithmicX) {
            return Scale.logarithmic(first, last, mostTicks);
        }
        return Scale.exact(first < last / 2 ? 0 : first, last, mostTicks);
    }

    /** Over all that can be drawn; some range if nothing can. */
    Scale yScale(int mostTicks) {
        double[] values = DoubleStream.concat(
                        curves.stream().flatMapToDouble(Plot::values),
                        levels.stream().mapToDouble(Level::value))
                .filter(value -> Double.isFinite(value) && (!logarithmic || value > 0))
                .toArray();
        double low = DoubleStream.of(values).min().orElse(1);
        double high = DoubleStream.of(values).max().orElse(1);
        return logarithmic ? Scale.logarithmic(low, high, mostTicks) : Scale.padded(low, high, mostTicks);
    }

    /** Units of the second x axis for one of the first; NaN if the curves do not agree. */
    double secondPerX() {
        double[] ratios =
                curves.stream().mapToDouble(Curve::secondPerX).distinct().toArray();
        return ratios.length == 1 ? ratios[0] : Double.NaN;
    }
}
