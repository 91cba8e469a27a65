package io.github.gptmoe.eval.english;

/**
 * What a model says to a request.
 *
 * @param logLikelihood natural log of the continuation's probability, a sum over its tokens
 * @param greedy whether each of them is the most probable token of its place, so that greedy decoding writes the continuation
 */
public record LoglikelihoodAnswer(double logLikelihood, boolean greedy) {}
