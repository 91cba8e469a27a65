/**
 * Which of several continuations a model holds for the most probable, and by which measure: zero-shot classification
 * without a trained head.
 *
 * <p><b>Entry points.</b> A {@link io.github.gptmoe.eval.scoring.CandidatePrompt} is a text with candidates for one place in
 * it. {@link io.github.gptmoe.eval.scoring.CandidateScorer} gives the log-probabilities of each candidate, with the tokens
 * before it computed once ({@link io.github.gptmoe.eval.scoring.CandidateScorer#shared}). A
 * {@link io.github.gptmoe.eval.scoring.ScoringRule} turns these into scores; {@link
 * io.github.gptmoe.eval.scoring.ScoringRules} knows all by name. {@link io.github.gptmoe.eval.scoring.PatternAverage} joins
 * the scores of several patterns, {@link io.github.gptmoe.eval.scoring.HierarchicalRanking} those of classes and their
 * members. {@link io.github.gptmoe.eval.scoring.ScoringBenchmark} times the ways to score against each other.
 *
 * <p><b>Guarantees.</b> Rules are pure functions. All ways to score give the same numbers up to rounding, and no score
 * depends on what shares its batch. All logarithms are natural, all scores are such that more is better.
 */
@NullMarked
package io.github.gptmoe.eval.scoring;

import org.jspecify.annotations.NullMarked;
