package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;

/**
 * A forward run that kept what its backward needs. Everything it keeps belongs to the scope it was recorded in, which must
 * be open until {@link #backward} has returned. It can be gone back through once.
 */
public interface Recorded {
    /**
     * What the forward run yielded.
     *
     * @return output, attached to the scope of the recording
     */
    StageOutput output();

    /**
     * Multiplies a gradient with the Jacobian: gradients of the parameters go to the context's store, the gradient of the
     * input is returned.
     *
     * @param gradBLD gradient of the output's residual stream; only read
     * @param context where results go
     * @return gradient of the input (B, L, D), attached to the context's scope
     */
    NDArray backward(NDArray gradBLD, BackwardContext context);
}
