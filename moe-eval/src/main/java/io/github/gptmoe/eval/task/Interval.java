package io.github.gptmoe.eval.task;

/**
 * Where a value lies with 95 % confidence.
 *
 * @param low lower end
 * @param high upper end
 */
public record Interval(double low, double high) {
    /** Of what was not measured. */
    static final Interval NONE = new Interval(Double.NaN, Double.NaN);

    /**
     * Of a mean, by {@link Bootstrap}.
     *
     * @param values one whole number for each row, at least one row
     * @param name what sets these draws apart from others
     * @return the middle 95 % of the means of resamples
     */
    public static Interval bootstrap(int[] values, String name) {
        return Bootstrap.interval(Bootstrap.means(values, name));
    }

    /**
     * Whether a value lies inside.
     *
     * @param value any
     * @return true at the ends too
     */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }
}
