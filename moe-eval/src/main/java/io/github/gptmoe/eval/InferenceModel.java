package io.github.gptmoe.eval;

import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;

/**
 * What computing needs of a model, wherever its weights come from. Whoever made it owns the arrays.
 *
 * @param model the stages, without a capacity of the experts
 * @param weights arrays of the parameters
 * @param precision precision of weights and activations
 * @param manager parent of the managers that computations make
 */
record InferenceModel(GptModel model, ParameterStore weights, Precision precision, NDManager manager) {}
