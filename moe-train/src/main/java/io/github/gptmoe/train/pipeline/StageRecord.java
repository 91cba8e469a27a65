package io.github.gptmoe.train.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.model.DecoderStage;
import io.github.gptmoe.core.model.Recorded;
import org.jspecify.annotations.Nullable;

/**
 * What forward keeps of a stage for its backward.
 *
 * @param stage the block
 * @param inputBLD its input
 * @param recorded its output with the way back, or null when the stage is to be recomputed
 * @param scope owner of everything the stage made; closed by backward
 */
record StageRecord(
        DecoderStage stage, NDArray inputBLD, @Nullable Recorded recorded, NDManager scope) {}
