package io.github.gptmoe.eval.zeroshot;

import io.github.gptmoe.data.task.PromptCounts;

/**
 * What a model thinks of rows.
 *
 * @param scores for each row a score for each label, higher is better; the caller's
 * @param rule the rule they are made by
 * @param counts what did not fit into the model's context
 * @param seconds that scoring took
 */
@SuppressWarnings("ArrayRecordComponent") // Made once, handed on, never compared.
public record TaskScores(double[][] scores, String rule, PromptCounts counts, double seconds) {}
