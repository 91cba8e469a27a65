/**
 * What a run leaves behind and shows: {@link io.github.gptmoe.train.report.MetricsLog} appends to {@code metrics.jsonl},
 * {@link io.github.gptmoe.train.report.TrainingLine} and {@link io.github.gptmoe.train.report.ValidationLine} are its
 * lines, {@link io.github.gptmoe.train.report.Metrics} reads them back, {@link io.github.gptmoe.train.report.RunSummary} is {@code summary.json}. {@link
 * io.github.gptmoe.train.report.GemmCeiling} measures what the machine could do at best, so that throughput is reported as
 * a share of it; {@link io.github.gptmoe.train.report.ProcessMemory} reads the resident set.
 */
@NullMarked
package io.github.gptmoe.train.report;

import org.jspecify.annotations.NullMarked;
