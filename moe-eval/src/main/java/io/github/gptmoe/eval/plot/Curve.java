package io.github.gptmoe.eval.plot;

/**
 * One line of a plot.
 *
 * @param name what it shows; curves of one name share an entry in the legend
 * @param points its values
 * @param colour number of its colour, from 0
 * @param style how it is drawn
 * @param secondPerX what one unit of x is on the second x axis
 */
public record Curve(String name, Points points, int colour, Style style, double secondPerX) {

    /** How a curve is drawn. */
    public enum Style {
        /** Pale and thin, behind the others. */
        RAW,
        /** A line. */
        LINE,
        /** A line with a mark at each point. */
        MARKED
    }
}
