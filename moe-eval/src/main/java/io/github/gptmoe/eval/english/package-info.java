/**
 * Five English zero-shot tasks with the prompts, candidates and metrics of lm-evaluation-harness v0.2.0, which published figures
 * of sparse GPT models were measured with: LAMBADA, PIQA, BoolQ, RACE, WebQs.
 *
 * <p><b>Entry points.</b> {@link io.github.gptmoe.eval.english.EnglishTasks} knows all by name;
 * {@link io.github.gptmoe.eval.english.EnglishRun} reads rows, scores them, writes predictions and returns results. Below it, a
 * {@link io.github.gptmoe.eval.english.LoglikelihoodRequest} is a context with a continuation, and
 * {@link io.github.gptmoe.eval.english.LoglikelihoodScorer} answers many of them.
 *
 * <p><b>Guarantees.</b> Context and continuation are encoded apart; an empty context is the end of a document; of a request
 * that is too long the last tokens are kept, and counted. A row that cannot be used is named by file and line. The same rows
 * and weights give the same results.
 */
@NullMarked
package io.github.gptmoe.eval.english;

import org.jspecify.annotations.NullMarked;
