package io.github.gptmoe.eval.plot;

/**
 * A horizontal line to compare with.
 *
 * @param name what it stands for
 * @param value where it lies
 */
public record Level(String name, double value) {}
