package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/** Takes tokens out of a batch in another order, and puts them back: what experts on other ranks need. FP32 or BF16. */
public final class RowKernels {
    private RowKernels() {}

    /**
     * Gradients of what {@link #putGated} reads.
     *
     * @param xSD of the rows
     * @param gateT of the gates, FP32; 0 for a token that is not among the places
     */
    public record GatedGrads(NDArray xSD, NDArray gateT) {}

    /**
     * Rows of a batch.
     *
     * @param scope owner of the result
     * @param xTD the batch (T, D)
     * @param placesS row of each result, int64 (S), each at most once
     * @return (S, D)
     */
    public static NDArray take(NDManager scope, NDArray xTD, NDArray placesS) {
        return KernelModule.instance().call("take_rows", scope, xTD, placesS).get(0);
    }

    /**
     * Puts rows where {@link #take} had them from; also the gradient of that.
     *
     * @param scope owner of the result
     * @param xSD rows (S, D)
     * @param placesS place of each, int64 (S)
     * @param tokens rows T of the result
     * @return (T, D), 0 where no row was put
     */
    public static NDArray put(NDManager scope, NDArray xSD, NDArray placesS, long tokens) {
        return KernelModule.instance()
                .call("put_rows", scope, xSD, placesS, tokens)
                .get(0);
    }

    /**
     * Puts rows back, each times its token's gate, which is rounded to the dtype of the rows.
     *
     * @param scope owner of the result
     * @param xSD rows (S, D)
     * @param placesS place of each, int64 (S)
     * @param gateT gate of each token, FP32 (T)
     * @return (T, D), 0 where no row was put
     */
    public static NDArray putGated(NDManager scope, NDArray xSD, NDArray placesS, NDArray gateT) {
        return KernelModule.instance()
                .call("put_gated", scope, xSD, placesS, gateT)
                .get(0);
    }

    /**
     * Goes back through {@link #putGated}.
     *
     * @param scope owner of the results
     * @param gradTD gradient of its result
     * @param xSD as given there
     * @param placesS as given there
     * @param gateT as given there
     * @return gradients of rows and gates
     */
    public static GatedGrads putGatedBackward(
            NDManager scope, NDArray gradTD, NDArray xSD, NDArray placesS, NDArray gateT) {
        NDList grads = KernelModule.instance().call("put_gated_backward", scope, gradTD, xSD, placesS, gateT);
        return new GatedGrads(grads.get(0), grads.get(1));
    }
}
