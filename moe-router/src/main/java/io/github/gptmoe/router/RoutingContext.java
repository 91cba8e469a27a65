package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * What a routing decision may depend on besides the tokens and the weights.
 *
 * @param training whether noise such as jitter is wanted
 * @param step the optimizer step, counted from 0, for warm-ups
 * @param seed the key of this call's noise; the same seed draws the same noise, so that a recomputed forward pass repeats
 *     itself. Give every layer, step and micro-batch its own
 * @param validT FP32 (T), 1 for a real token and 0 for padding; null when all tokens are real
 */
public record RoutingContext(
        boolean training, long step, long seed, @Nullable NDArray validT) {

    /**
     * Returns the context of an evaluation without padding: no noise, warm-ups finished.
     *
     * @return the context
     */
    public static RoutingContext evaluation() {
        return new RoutingContext(false, Long.MAX_VALUE, 0, null);
    }
}
