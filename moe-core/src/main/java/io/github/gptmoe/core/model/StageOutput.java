package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import io.github.gptmoe.router.Routing;
import org.jspecify.annotations.Nullable;

/**
 * What a stage yields. Attached to the scope of the stage's context.
 *
 * @param hiddenBLD residual stream after the stage
 * @param routing the router's decision and losses in an MoE block, else null; the expert ids are those after capacity
 *     drops
 */
public record StageOutput(NDArray hiddenBLD, @Nullable Routing routing) {}
