package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * Pre-norm causal multi-head self-attention with its residual connection, {@code x + out(attend(qkv(norm(x))))}.
 *
 * <p>The weights of every method: norm weight and bias (D), qkv weight (3D, D) and bias, output weight (D, D) and bias, in
 * this order; the norm's are FP32.
 */
public final class AttentionKernels {
    private static final int QKV_WEIGHT = 2;
    private static final int OUTPUT_WEIGHT = 4;
    private static final int WEIGHTS = 6;

    private AttentionKernels() {}

    /**
     * Attends; nothing is kept.
     *
     * @param scope owner of the result
     * @param xBLD residual stream (B, L, D)
     * @param weights see above
     * @param heads number of heads; divides D
     * @param form how the products of queries, keys and values are computed
     * @return new residual stream (B, L, D)
     */
    public static NDArray run(NDManager scope, NDArray xBLD, NDList weights, int heads, AttentionForm form) {
        try (NDManager inner = scope.newSubManager()) {
            NDList projected = project(inner, xBLD, weights, heads);
            NDArray outputBHLC = form.run(inner, projected.subNDList(0, 3));
            NDArray yBLD = output(inner, xBLD, outputBHLC, weights).get(0);
            yBLD.attach(scope);
            return yBLD;
        }
    }

    /**
     * Attends and keeps what backward needs.
     *
     * @param scope owner of everything that is kept
     * @param xBLD residual stream (B, L, D); kept, not copied
     * @param weights see above
     * @param heads number of heads; divides D
     * @param form how the products of queries, keys and values are computed
     * @return the result with its way back
     */
    public static Recorded record(NDManager scope, NDArray xBLD, NDList weights, int heads, AttentionForm form) {
        NDList projected = project(scope, xBLD, weights, heads);
        AttentionForm.Recorded attended = form.record(scope, projected.subNDList(0, 3));
        NDList out = output(scope, xBLD, attended.output(), weights);
        return new Recorded(
                out.get(0),
                out.get(1),
                attended,
                new NormKernels.Recorded(xBLD, projected.get(3), projected.get(4), projected.get(5)),
                heads);
    }

    /**
     * Attends within whole beginnings of sequences and leaves their keys and values in a cache.
     *
     * @param scope owner of the result
     * @param xBLD residual stream (B, L, D)
     * @param weights see above
     * @param heads number of heads; divides D
     * @param form how the products of queries, keys and values are computed
     * @param cache where keys and values go
     * @return new residual stream (B, L, D)
     */
    public static NDArray prefill(
            NDManager scope, NDArray xBLD, NDList weights, int heads, AttentionForm form, CacheRows cache) {
        try (NDManager inner = scope.newSubManager()) {
            NDList projected = project(inner, xBLD, weights, heads);
            CacheKernels.store(cache.keysBHSD, cache.valuesBHSD, projected.get(1), projected.get(2), cache.firstRow);
            NDArray outputBHLC = form.run(inner, projected.subNDList(0, 3));
            NDArray yBLD = output(inner, xBLD, outputBHLC, weights).get(0);
            yBLD.attach(scope);
            return yBLD;
        }
    }

    /**
     * Rows of one block's cache.
     *
     * @param keysBHSD key cache
     * @param valuesBHSD value cache
     * @param firstRow row of the first sequence
     */
    public record CacheRows(NDArray keysBHSD, NDArray valuesBHSD, int firstRow) {}

    private static NDList project(NDManager scope, NDArray xBLD, NDList weights, int heads) {
        return KernelModule.instance()
                .call(
                        "attention_qkv",
                        scope,
                        xBLD,
                        weights.get(0),
                        weights.get(1),
                        weights.get(QKV_WEIGHT),
                        weights.get(QKV_WEIGHT + 1),
                        heads);
    }

    private static NDList output(NDManager scope, NDArray xBLD, NDArray outputBHLC, NDList weights) {
        return KernelModule.instance()
                .call(
                        "attention_output",
                        scope,
                        xBLD,
                        outputBHLC,
                        weights.get(OUTPUT_WEIGHT),
                        weights.get(OUTPUT_WEIGHT + 1));
    }

    /**
     * An attention that can be gone back through, once.
     *
     * @param yBLD new residual stream
     * @param joinedBLD the heads' outputs side by side, before the output projection
     * @param attended the attention proper
     * @param norm the normalisation before it
     * @param heads number of heads
     */
    public record Recorded(
            NDArray yBLD, NDArray joinedBLD, AttentionForm.Recorded attended, NormKernels.Recorded norm, int heads) {

        /**
         * Goes back.
         *
         * @param scope owner of the result
         * @param gradBLD gradient of {@link #yBLD}
         * @param weights as given forward
         * @param into accumulators of the six weights
         * @return gradient of the residual stream that came in
         */
        public NDArray backward(NDManager scope, NDArray gradBLD, NDList weights, Accumulators into) {
            KernelModule kernels = KernelModule.instance();
            try (NDManager inner = scope.newSubManager()) {
                NDArray gradBHLC = kernels.call(
                                "attention_output_backward",
                                inner,
                                gradBLD,
                                joinedBLD,
                                weights.get(OUTPUT_WEIGHT),
                                heads,
                                into.range(OUTPUT_WEIGHT, WEIGHTS).arrays(),
                                into.beta())
                        .get(0);
                NDList qkvGrads = attended.backward(inner, gradBHLC);
                return kernels.call(
                                "attention_qkv_backward",
                                scope,
                                qkvGrads,
                                gradBLD,
                                norm.x(),
                                norm.y(),
                                norm.mean(),
                                norm.reciprocalStd(),
                                weights.get(0),
                                weights.get(1),
                                weights.get(QKV_WEIGHT),
                                into.range(0, OUTPUT_WEIGHT).arrays(),
                                into.beta())
                        .get(0);
            }
        }
    }
}
