package io.github.gptmoe.train.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.data.TokenBatch;

/**
 * Sequences that go through the model together.
 *
 * @param inputsBL token ids, int64 (B, L)
 * @param targetsBL next-token ids, int64 (B, L)
 * @param weightsT weight of each token's loss in the step's loss, FP32 (T)
 */
public record MicroBatch(NDArray inputsBL, NDArray targetsBL, NDArray weightsT) {
    /**
     * Moves a batch of tokens to the device.
     *
     * @param scope owner of the arrays
     * @param batch tokens on the host
     * @param tokensOfStep T, tokens of the whole step: each loss counts 1/T times the weight of its target, so that the losses of
     *     the step's micro-batches sum to {@code 1/T sum_t w_t nll_t}, the mean for plain text
     * @return the micro-batch, attached to {@code scope}
     */
    public static MicroBatch of(NDManager scope, TokenBatch batch, long tokensOfStep) {
        Shape shape = new Shape(batch.sequences(), batch.length());
        return new MicroBatch(
                scope.create(batch.inputs(), shape),
                scope.create(batch.targets(), shape),
                weights(scope, batch, 1f / tokensOfStep));
    }

    private static NDArray weights(NDManager scope, TokenBatch batch, float share) {
        float[] weights = batch.weights();
        if (weights.length == 0) {
            return scope.full(new Shape(batch.targets().length), share);
        }
        float[] shares = new float[weights.length];
        for (int t = 0; t < shares.length; t++) {
            shares[t] = weights[t] * share;
        }
        return scope.create(shares);
    }
}
