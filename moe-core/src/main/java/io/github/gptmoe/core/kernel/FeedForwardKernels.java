package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * Feed-forward network {@code down(gelu(up(h)))}, exact GELU.
 *
 * <p>The weights of every method: up weight (F, D) and bias, down weight (D, F) and bias, in this order.
 */
public final class FeedForwardKernels {
    private FeedForwardKernels() {}

    /**
     * A run with what its backward needs.
     *
     * @param h the tokens it ran on
     * @param y the result
     * @param before input of the GELU (..., F)
     * @param after output of the GELU
     */
    public record Recorded(NDArray h, NDArray y, NDArray before, NDArray after) {}

    /**
     * Runs the network.
     *
     * @param scope owner of the results
     * @param h tokens (..., D); kept, not copied
     * @param weights see above
     * @return the result and what backward needs
     */
    public static Recorded run(NDManager scope, NDArray h, NDList weights) {
        NDList results = KernelModule.instance()
                .call("ffn", scope, h, weights.get(0), weights.get(1), weights.get(2), weights.get(3));
        return new Recorded(h, results.get(0), results.get(1), results.get(2));
    }

    /**
     * Goes back.
     *
     * @param scope owner of the result
     * @param recorded the forward run
     * @param grad gradient of its result
     * @param weights as given forward
     * @param into accumulators of the four weights
     * @return gradient of the tokens, flattened to (T, D)
     */
    public static NDArray backward(
            NDManager scope, Recorded recorded, NDArray grad, NDList weights, Accumulators into) {
        return KernelModule.instance()
                .call(
                        "ffn_backward",
                        scope,
                        grad,
                        recorded.h,
                        recorded.before,
                        recorded.after,
                        weights.get(0),
                        weights.get(2),
                        into.arrays(),
                        into.beta())
                .get(0);
    }

    /**
     * Residual connection of a branch.
     *
     * @param scope owner of the result
     * @param xBLD residual stream
     * @param y branch, same number of elements
     * @return {@code x + y}, shape of {@code xBLD}
     */
    public static NDArray addResidual(NDManager scope, NDArray xBLD, NDArray y) {
        return KernelModule.instance().call("add_reshaped", scope, xBLD, y).get(0);
    }
}
