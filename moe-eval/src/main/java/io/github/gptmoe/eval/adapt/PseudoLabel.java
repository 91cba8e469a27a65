package io.github.gptmoe.eval.adapt;

/**
 * A label that nobody gave: what a labeller thinks of a row.
 *
 * @param row index of the row among those that were labelled
 * @param label index of the label in the task
 * @param weight share of the row's loss that goes to this label; 1 for a hard label
 */
public record PseudoLabel(int row, int label, double weight) {}
