package io.github.gptmoe.train.attention;

import io.github.gptmoe.core.model.NamedAttention;

/**
 * How long one form takes for the attention of one layer, projections excluded; the best of several repetitions each.
 *
 * @param form name of the form
 * @param forwardMilliseconds forward, keeping what backward needs
 * @param backwardMilliseconds backward
 */
public record AttentionTiming(String form, double forwardMilliseconds, double backwardMilliseconds) {

    /**
     * What a step pays for a layer.
     *
     * @return forward and backward together
     */
    public double milliseconds() {
        return forwardMilliseconds + backwardMilliseconds;
    }

    /** Whether it can have been measured, by this version of the program. */
    boolean isSound() {
        return form != null
                && NamedAttention.of(form).isPresent()
                && forwardMilliseconds >= 0
                && backwardMilliseconds >= 0
                && Double.isFinite(milliseconds());
    }
}
