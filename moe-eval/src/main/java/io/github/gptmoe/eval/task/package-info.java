/**
 * What came out of scoring tasks: accuracy with its uncertainty, predictions, submissions, comparisons, tables and pages.
 *
 * <p><b>Entry points.</b> {@link io.github.gptmoe.eval.task.TaskResult#of} counts;
 * {@link io.github.gptmoe.eval.task.PredictionFile} keeps each row's scores; {@link io.github.gptmoe.eval.task.Comparison}
 * tells whether two runs differ; {@link io.github.gptmoe.eval.task.Submission} writes the files of a leaderboard and
 * {@link io.github.gptmoe.eval.task.SubmissionVerifier} checks them; {@link io.github.gptmoe.eval.task.Summary} puts several
 * tasks beside the published rows, as text, Markdown or a page.
 *
 * <p><b>Guarantees.</b> No task is known by name here, and no model runs. Results are pure functions of predictions; the
 * bootstrap has a fixed seed, so they are the same each time. Files are replaced whole or not at all.
 */
@NullMarked
package io.github.gptmoe.eval.task;

import org.jspecify.annotations.NullMarked;
