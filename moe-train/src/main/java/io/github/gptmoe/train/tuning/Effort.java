package io.github.gptmoe.train.tuning;

/**
 * How much a search may measure.
 *
 * @param trials combinations at most
 * @param finalists of which so many are measured again at most
 * @param rounds how often each of these
 */
public record Effort(int trials, int finalists, int rounds) {}
