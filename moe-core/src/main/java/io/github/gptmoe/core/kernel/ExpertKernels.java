package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * Dropless dispatch: tokens are sorted by expert and gathered once, every expert runs its feed-forward network on one
 * contiguous segment, and the results are multiplied by the gate and put back. Backward goes over the same segments and
 * leaves weight gradients where they belong, without a temporary of a weight's size.
 */
public final class ExpertKernels {
    private ExpertKernels() {}

    /**
     * A run with what its backward needs. Tokens stand in the order of their experts. In BF16 and FP16 the rows of an expert are filled
     * up with zeros to a multiple of four, beyond 128 tokens of more, by one in sixteen at most: oneDNN generates code for
     * every shape of a product and keeps it for about a thousand of them, so shapes must be few (docs/performance.md). The
     * number of rows R depends on T and E alone.
     *
     * @param yTD result (T, D)
     * @param rowsT row of each token, int64
     * @param sizes rows of each expert and, last, of none; int64 on the host
     * @param gates gate of each token in the dtype of the tokens (T, 1)
     * @param sortedRD the sorted tokens
     * @param sortedYRD their experts' outputs before the gate
     * @param beforeRF input of the GELU
     * @param afterRF output of the GELU
     */
    public record Recorded(
            NDArray yTD,
            NDArray rowsT,
            NDArray sizes,
            NDArray gates,
            NDArray sortedRD,
            NDArray sortedYRD,
            NDArray beforeRF,
            NDArray afterRF) {}

    /**
     * Gradients of the inputs.
     *
     * @param hTD of the tokens
     * @param gateT of the gates, FP32
     */
    public record InputGrads(NDArray hTD, NDArray gateT) {}

    /**
     * Sends every token through its expert and multiplies by the gate. A token with id E visits no expert and gives zeros.
     * Reads the loads on the host.
     *
     * @param scope owner of the results
     * @param hTD tokens (T, D)
     * @param expertIdsT expert of each token, int64 (T), in [0, E]
     * @param gateT factor of each token, FP32 (T); rounded to the dtype of the tokens
     * @param weights weights of the E experts
     * @return the result and what backward needs
     */
    public static Recorded run(NDManager scope, NDArray hTD, NDArray expertIdsT, NDArray gateT, ExpertWeights weights) {
        NDList results = KernelModule.instance()
                .call(
                        "experts",
                        scope,
                        hTD,
                        expertIdsT,
                        gateT,
                        weights.upWeights(),
                        weights.upBiases(),
                        weights.downWeights(),
                        weights.downBiases());
        return new Recorded(
                results.get(0),
                results.get(1),
                results.get(2),
                results.get(3),
                results.get(4),
                results.get(5),
                results.get(6),
                results.get(7));
    }

    /**
     * Goes back.
     *
     * @param scope owner of the results
     * @param recorded the forward run
     * @param gradTD gradient of its result (T, D)
     * @param weights as given forward
     * @param into accumulators in the order of the weights; an idle expert's keep their values, or become zero when they
     *     are to be overwritten
     * @param add true to add to the accumulators, false to overwrite them
     * @return gradients of tokens and gates
     */
    public static InputGrads backward(
            NDManager scope,
            Recorded recorded,
            NDArray gradTD,
            ExpertWeights weights,
            ExpertWeights into,
            boolean add) {
        NDList results = KernelModule.instance()
                .call(
                        "experts_backward",
                        scope,
                        gradTD,
                        recorded.rowsT,
                        recorded.sizes,
                        recorded.gates,
                        recorded.sortedRD,
                        recorded.sortedYRD,
                        recorded.beforeRF,
                        recorded.afterRF,
                        weights.upWeights(),
                        weights.downWeights(),
                        into.upWeights(),
                        into.upBiases(),
                        into.downWeights(),
                        into.downBiases(),
                        add ? 1.0 : 0.0);
        return new InputGrads(results.get(0), results.get(1));
    }
}
