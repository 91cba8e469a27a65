/**
 * What runs have done, on one page: curves over tokens, final values, the load of experts, and what differs between runs.
 *
 * <p><b>Entry point.</b> {@link io.github.gptmoe.eval.report.RunReport#read} takes run folders, finished or not, and
 * writes a self-contained HTML page or SVG files.
 *
 * <p><b>Reading order.</b> {@code ReportRun} (the files of a run), {@code RunPlots} (which curves), {@code RunValues} (which
 * numbers), {@code ReportPage} (the page). Drawing is the business of {@code io.github.gptmoe.eval.plot}. {@link
 * io.github.gptmoe.eval.report.ScalingPlot} stands apart: it shows what {@code moe bench scaling} measured.
 */
@NullMarked
package io.github.gptmoe.eval.report;

import org.jspecify.annotations.NullMarked;
