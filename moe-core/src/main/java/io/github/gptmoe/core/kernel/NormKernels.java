package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * Layer normalisation over the last axis, eps 1e-5 (Ba et al. 2016). Scale and shift are FP32 also for BF16 and FP16 states: only
 * then does libtorch keep the statistics that backward reads in FP32.
 */
public final class NormKernels {
    private NormKernels() {}

    /**
     * A normalisation with the statistics its backward needs.
     *
     * @param x the states
     * @param y the normalised states, shape and dtype of {@code x}
     * @param mean mean of each token
     * @param reciprocalStd 1 / standard deviation of each token
     */
    public record Recorded(NDArray x, NDArray y, NDArray mean, NDArray reciprocalStd) {}

    /**
     * Normalises.
     *
     * @param scope owner of the results
     * @param x hidden states (..., D)
     * @param weights scale and shift, FP32 (D) each
     * @return the normalised states and what backward needs; {@code x} itself is kept, not copied
     */
    public static Recorded layerNorm(NDManager scope, NDArray x, NDList weights) {
        NDList results = KernelModule.instance().call("layer_norm", scope, x, weights.get(0), weights.get(1));
        return new Recorded(x, results.get(0), results.get(1), results.get(2));
    }

    /**
     * Gradient of a normalised branch with its residual connection.
     *
     * @param scope owner of the result
     * @param recorded the forward run
     * @param grad gradient of the normalised states, any shape of the same size
     * @param residualGrad gradient that reaches {@code x} past the branch, shape of {@code x}
     * @param weights as in {@link #layerNorm}
     * @param into accumulators of scale and shift
     * @return gradient of {@code x}
     */
    public static NDArray backward(
            NDManager scope, Recorded recorded, NDArray grad, NDArray residualGrad, NDList weights, Accumulators into) {
        return KernelModule.instance()
                .call(
                        "layer_norm_backward",
                        scope,
                        grad,
                        residualGrad,
                        recorded.x,
                        recorded.mean,
                        recorded.reciprocalStd,
                        weights.get(0),
                        weights.get(1),
                        into.arrays(),
                        into.beta())
                .get(0);
    }
}
