package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;

/** What runs between an MoE layer's norm and the residual stream, with its way back. */
interface MoeBranches {
    /**
     * Gradients of what goes into the branches.
     *
     * @param hTD of the normalised tokens, without the router's part
     * @param gateT of the gates, FP32
     */
    record InputGrads(NDArray hTD, NDArray gateT) {}

    /** The layer's output. */
    StageOutput output();

    /** Goes back; gradients of parameters go to the context's store, results to its scope. */
    InputGrads backward(NDArray gradBLD, BackwardContext context);
}
