package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import io.github.gptmoe.router.Routing;
import org.jspecify.annotations.Nullable;

/**
 * What a stage yields. Attached to the scope of the stage's context.
 *
 * @param hiddenBLD residual stream after the stage
 * @param routing the router's decision and losses in an MoE block, else null
 * @param keptIdsT the expert ids after capacity drops, where the model has a capacity, else null
 */
public record StageOutput(
        NDArray hiddenBLD,
        @Nullable Routing routing,
        @Nullable NDArray keptIdsT) {
    static StageOutput of(NDArray hiddenBLD) {
        return new StageOutput(hiddenBLD, null, null);
    }
}
