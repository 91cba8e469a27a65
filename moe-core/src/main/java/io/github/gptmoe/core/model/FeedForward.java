package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.router.Router;
import java.util.List;
import java.util.Optional;

/** The second half of a decoder block: norm, a token-wise network, residual connection. */
interface FeedForward {
    /** Its parameters, in the order in which they are registered with the block. */
    List<ModelParameter> parameters();

    /** The router, where tokens choose among experts. */
    Optional<Router> router();

    /** Runs it on the residual stream (B, L, D) for its output only; results are attached to the context's scope. */
    StageOutput run(ParameterStore weights, NDArray xBLD, StageContext context);

    /**
     * Runs it on one token of each of a few sequences (B, D). The same function up to rounding, except that no expert's
     * capacity is limited: a sequence's result must not depend on its neighbours.
     */
    BlockStep step(ParameterStore weights, NDArray xBD, StageContext context);

    /** Runs it the same way, bit for bit, and keeps in the context's scope what backward needs. */
    Recorded record(ParameterStore weights, NDArray xBLD, StageContext context);
}
