package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * Residual MoE: {@code x + c0 * expert + c1 * dense} with {@code c = softmax(h W^T + b)} over the two ways of each token, in
 * FP32 (Rajbhandari et al. 2022, DeepSpeed-MoE, section 4.1; the softmax runs over the last axis). The gate: weight (2, D)
 * and bias (2).
 */
public final class ResidualMixKernels {
    private ResidualMixKernels() {}

    /**
     * A run with what its backward needs.
     *
     * @param hTD normalised tokens the branches started from
     * @param expertTD expert branch
     * @param denseTD dense branch
     * @param yBLD new residual stream
     * @param sharesT2 the two shares of each token, FP32 (T, 2)
     */
    public record Recorded(NDArray hTD, NDArray expertTD, NDArray denseTD, NDArray yBLD, NDArray sharesT2) {}

    /**
     * Gradients of the inputs.
     *
     * @param expertTD of the expert branch
     * @param denseTD of the dense branch
     * @param hTD of the tokens, through the shares
     */
    public record InputGrads(NDArray expertTD, NDArray denseTD, NDArray hTD) {}

    /**
     * Mixes.
     *
     * @param scope owner of the results
     * @param xBLD residual stream
     * @param hTD normalised tokens the branches started from
     * @param expertTD expert branch
     * @param denseTD dense branch
     * @param gate see above
     * @return the result and what backward needs; the branches are kept, not copied
     */
    public static Recorded run(
            NDManager scope, NDArray xBLD, NDArray hTD, NDArray expertTD, NDArray denseTD, NDList gate) {
        NDList results = KernelModule.instance()
                .call("residual_mix", scope, xBLD, hTD, expertTD, denseTD, gate.get(0), gate.get(1));
        return new Recorded(hTD, expertTD, denseTD, results.get(0), results.get(1));
    }

    /**
     * Goes back; the gradient of {@code xBLD} is {@code gradBLD} itself.
     *
     * @param scope owner of the results
     * @param recorded the forward run
     * @param gradBLD gradient of its result
     * @param gate as given forward
     * @param into accumulators of the gate's weight and bias
     * @return gradients of branches and tokens
     */
    public static InputGrads backward(
            NDManager scope, Recorded recorded, NDArray gradBLD, NDList gate, Accumulators into) {
        NDList results = KernelModule.instance()
                .call(
                        "residual_mix_backward",
                        scope,
                        gradBLD,
                        recorded.hTD,
                        recorded.expertTD,
                        recorded.denseTD,
                        recorded.sharesT2,
                        gate.get(0),
                        into.arrays(),
                        into.beta());
        return new InputGrads(results.get(0), results.get(1), results.get(2));
    }
}
