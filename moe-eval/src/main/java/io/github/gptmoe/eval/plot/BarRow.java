package io.github.gptmoe.eval.plot;

import java.util.List;

/**
 * A row of {@link BarRows}: a share as a bar, with what to compare it with.
 *
 * @param name what it is of
 * @param value from 0 to 1
 * @param low lower end of its interval
 * @param high upper end
 * @param levels shares drawn as strokes across the bar, each in its own colour over all rows; NaN is left out
 * @param dots shares drawn as dots, each in its own colour over all rows; NaN is left out
 */
public record BarRow(String name, double value, double low, double high, List<Level> levels, List<Level> dots) {}
