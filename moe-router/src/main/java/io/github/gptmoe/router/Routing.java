package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * The decision for T tokens. All arrays are attached to the manager of the hidden states that were routed.
 *
 * @param expertIdsT INT64 (T): the expert in [0, E), or E for a token that goes to no expert (padding)
 * @param gateT FP32 (T): the weight of the expert's output, with gradient; 0 for padding
 * @param balanceLoss scalar: the raw balance loss, 1 when the load is even
 * @param marginLoss scalar: the raw margin loss, 0 for routers without one
 * @param zLoss scalar: the raw z-loss, 0 where it is switched off
 * @param auxiliaryLoss scalar: the weighted sum of the losses, which is added to the training loss
 * @param marginDistanceT FP32 (T), without gradient: the distance from a token to its nearest rival's decision boundary,
 *     0 for padding; null for routers that do not compute it
 */
public record Routing(
        NDArray expertIdsT,
        NDArray gateT,
        NDArray balanceLoss,
        NDArray marginLoss,
        NDArray zLoss,
        NDArray auxiliaryLoss,
        @Nullable NDArray marginDistanceT) {}
