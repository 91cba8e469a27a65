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
     * Whether a value lies inside.
     *
     * @param value any
     * @return true at the ends too
     */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }
}
