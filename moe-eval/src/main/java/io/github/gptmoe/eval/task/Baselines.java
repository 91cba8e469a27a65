package io.github.gptmoe.eval.task;

/**
 * Accuracies that need no model.
 *
 * @param majority of always giving the commonest label; the best that a constant answer can do. NaN without labels
 * @param majorityLabel that label; empty without labels
 * @param random of drawing labels evenly: one in their number
 * @param lexical of the task file's lexical signal, seed words included; NaN if there is none
 * @param labelWords of the same classifier with the label words alone for seeds; NaN if the signal is not one of seed words
 */
public record Baselines(double majority, String majorityLabel, double random, double lexical, double labelWords) {}
