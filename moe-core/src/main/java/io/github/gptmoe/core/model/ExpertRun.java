package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;

/** A forward run of a layer's experts, with its way back. */
interface ExpertRun {
    /** What the experts gave each token, times its gate (T, D); 0 for a token that visits none. */
    NDArray yTD();

    /** Goes back from the gradient (T, D) of {@link #yTD}; the experts' gradients go to the context's store. */
    MoeBranches.InputGrads backward(NDArray gradTD, BackwardContext context);
}
