/**
 * Plots as SVG text, without a library: what a curve is, how it is thinned and smoothed, where an axis has its ticks.
 *
 * <p><b>Entry points.</b> {@link io.github.gptmoe.eval.plot.PlotSvg} draws a {@link io.github.gptmoe.eval.plot.Plot},
 * {@link io.github.gptmoe.eval.plot.LoadBars} draws the shares of experts, {@link io.github.gptmoe.eval.plot.BarRows}
 * accuracies, {@link io.github.gptmoe.eval.plot.HeatMap} a confusion matrix, {@link io.github.gptmoe.eval.plot.Markup}
 * writes SVG and HTML.
 *
 * <p><b>Guarantees.</b> Everything here is a pure function of its arguments, the same bytes on every machine. What is
 * written is well-formed XML whatever names hold. A file made for itself needs nothing else, and is readable on light and
 * dark backgrounds. The size of a plot does not grow with the length of the run: see
 * {@link io.github.gptmoe.eval.plot.Points#thinned}.
 */
@NullMarked
package io.github.gptmoe.eval.plot;

import org.jspecify.annotations.NullMarked;
