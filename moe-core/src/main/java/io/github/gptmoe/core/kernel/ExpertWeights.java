package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDList;

/**
 * Weights of the experts of one layer, entry e of each list belongs to expert e. One array an expert, because reading
 * slices of a stacked array costs a full-size zero gradient each in backward.
 *
 * @param upWeights E arrays (F, D)
 * @param upBiases E arrays (F)
 * @param downWeights E arrays (D, F)
 * @param downBiases E arrays (D)
 */
public record ExpertWeights(NDList upWeights, NDList upBiases, NDList downWeights, NDList downBiases) {}
