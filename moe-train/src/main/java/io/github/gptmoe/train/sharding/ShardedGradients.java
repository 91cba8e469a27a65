package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import io.github.gptmoe.train.pipeline.Gradients;

/** Gradients that come together over the ranks. */
interface ShardedGradients extends Gradients {
    /**
     * What this rank's optimizer reads: after the last micro-batch of a step, the sum over all ranks and micro-batches.
     *
     * @param bucket a bucket of the layout
     * @return the rank's part of it, flat; always the same array, which is this object's own
     */
    NDArray owned(Bucket bucket);
}
