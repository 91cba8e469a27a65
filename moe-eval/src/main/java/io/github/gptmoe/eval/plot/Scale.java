package io.github.gptmoe.eval.plot;

import java.util.List;

/**
 * One axis: the values at its ends, where its ticks are, and how far along a value lies.
 *
 * @param low value at the start
 * @param high value at the end, above {@code low}
 * @param logarithmic equal factors have equal distance; both ends are positive
 * @param ticks values to write, rising, inside
 */
record Scale(double low, double high, boolean logarithmic, List<Double> ticks) {
    private static final double MARGIN = 0.04;

    /** An axis that ends exactly at the given values. */
    static Scale exact(double low, double high, int mostTicks) {
        return high > low
                ? new Scale(low, high, false, Ticks.linear(low, high, mostTicks))
                : padded(low, high, mostTicks);
    }

    /** An axis with some room beyond the values, but not below 0 if they are not. */
    static Scale padded(double lowest, double highest, int mostTicks) {
        double size = highest > lowest ? highest - lowest : Math.max(Math.abs(highest), 1) / MARGIN / 10;
        double low = lowest - MARGIN * size;
        double high = highest + MARGIN * size;
        low = lowest >= 0 ? Math.max(0, low) : low;
        return new Scale(low, high, false, Ticks.linear(low, high, mostTicks));
    }

    /** A logarithmic axis with some room beyond the values, which are positive. */
    static Scale logarithmic(double lowest, double highest, int mostTicks) {
        double room = highest > lowest ? Math.pow(highest / lowest, MARGIN) : 2;
        double low = lowest / room;
        double high = highest * room;
        return new Scale(low, high, true, Ticks.logarithmic(low, high, mostTicks));
    }

    /** Where a value lies: 0 at the start, 1 at the end. */
    double fraction(double value) {
        return logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    }

    /** Which value lies there: the inverse of {@link #fraction}. */
    double value(double fraction) {
        return logarithmic ? low * Math.pow(high / low, fraction) : low + (high - low) * fraction;
    }

    /** Whether a value can be drawn. */
    boolean shows(double value) {
        return Double.isFinite(value) && (!logarithmic || value > 0);
    }

    /** The ticks' labels, with as many digits as tell neighbours apart. */
    List<String> labels() {
        double finest = high - low;
        for (int i = 1; i < ticks.size(); i++) {
            finest = Math.min(finest, ticks.get(i) - ticks.get(i - 1));
        }
        double largest = Math.max(Math.abs(low), Math.abs(high));
        int digits = (int) Math.ceil(Math.log10(largest / finest)) + 1;
        return ticks.stream()
                .map(tick -> NumberText.brief(tick, Math.max(NumberText.DIGITS, digits)))
                .toList();
    }
}
