package io.github.gptmoe.train.lossscale;

import io.github.gptmoe.train.config.LossScaleConfig;

/**
 * Where a dynamic loss scale stands (Micikevicius et al. 2018; counters as in Megatron-LM's {@code DynamicGradScaler} and
 * DeepSpeed's {@code DynamicLossScaler}). A step without overflow adds one to {@code cleanSteps}; at {@code growthInterval}
 * the scale is multiplied by {@code growthFactor}, {@code cleanSteps} begins at 0 again and {@code credit} at {@code
 * hysteresis}. An overflow sets {@code cleanSteps} to 0 and takes one from {@code credit}; once that is 0, this and every
 * further overflow multiplies the scale by {@code backoffFactor}, down to {@code minimum}. Steps without overflow do not give
 * credit back: only growth does, so a scale that is a little too large is not kept alive by clean steps in between.
 *
 * @param scale factor on the loss
 * @param cleanSteps steps without overflow since the last overflow or growth
 * @param credit overflows that may still pass without reducing the scale, plus one; 0 when none may
 */
public record LossScale(double scale, int cleanSteps, int credit) {
    /** Growth ends here: the scale travels as FP32, and a model without gradients would let it grow for ever. */
    private static final double LARGEST = 0x1p127;

    /**
     * The beginning of a run.
     *
     * @param config initial scale and hysteresis
     * @return no step made
     */
    public static LossScale initial(LossScaleConfig config) {
        return new LossScale(config.initial(), 0, config.hysteresis());
    }

    /**
     * What a step makes of it.
     *
     * @param overflow whether a gradient was not finite
     * @param config factors and intervals
     * @return the scale of the next step
     */
    public LossScale after(boolean overflow, LossScaleConfig config) {
        if (overflow) {
            int left = Math.max(0, credit - 1);
            return new LossScale(
                    left > 0 ? scale : Math.max(scale * config.backoffFactor(), config.minimum()), 0, left);
        }
        if (cleanSteps + 1 < config.growthInterval()) {
            return new LossScale(scale, cleanSteps + 1, credit);
        }
        return new LossScale(Math.min(scale * config.growthFactor(), LARGEST), 0, config.hysteresis());
    }

    /**
     * Whether one more overflow would have to reduce a scale that is at its minimum.
     *
     * @param config hysteresis and minimum
     * @return true if the next overflow has no remedy
     */
    public boolean isLastResort(LossScaleConfig config) {
        return scale <= config.minimum() && credit <= 1;
    }
}
