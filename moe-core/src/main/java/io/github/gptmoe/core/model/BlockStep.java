package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;

/**
 * A block's result for one token of each sequence.
 *
 * @param xBD new residual stream
 * @param expertsRead experts whose weights were needed; 0 in a dense block
 */
record BlockStep(NDArray xBD, int expertsRead) {}
