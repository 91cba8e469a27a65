package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import java.util.List;

/** The second half of a decoder block: norm, a token-wise network, residual connection. */
interface FeedForward {
    /** Its parameters, in the order in which they are registered with the block. */
    List<ModelParameter> parameters();

    /** Runs it on the residual stream (B, L, D); results are attached to the context's scope. */
    StageOutput run(ParameterStore weights, NDArray xBLD, StageContext context);
}
