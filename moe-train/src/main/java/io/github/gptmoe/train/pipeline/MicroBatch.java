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
     * @param tokensOfStep tokens of the whole step, so that the weighted losses of its micro-batches sum to the mean
     * @return the micro-batch, attached to {@code scope}
     */
    public static MicroBatch of(NDManager scope, TokenBatch batch, long tokensOfStep) {
        Shape shape = new Shape(batch.sequences(), batch.length());
        return new MicroBatch(
                scope.create(batch.inputs(), shape),
                scope.create(batch.targets(), shape),
                scope.full(new Shape(shape.size()), 1f / tokensOfStep));
    }
}
