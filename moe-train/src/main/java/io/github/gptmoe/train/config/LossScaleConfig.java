package io.github.gptmoe.train.config;

import java.util.Map;
import java.util.Objects;

/**
 * The dynamic loss scale of an FP16 run. Formulas: {@link io.github.gptmoe.train.lossscale.LossScale}.
 *
 * @param initial scale of the first step; powers of two multiply without rounding; default 65536
 * @param growthFactor what the scale is multiplied by after {@code growthInterval} steps without overflow; default 2
 * @param backoffFactor what it is multiplied by after an overflow; default 0.5
 * @param growthInterval steps in a row without overflow before the scale grows; default 2000
 * @param hysteresis overflows since the scale last grew, from which on each one reduces it; default 2: the first is only
 *     skipped
 * @param minimum the scale is not reduced below it, and another overflow there ends the run; at least 1, the default
 */
public record LossScaleConfig(
        Double initial,
        Double growthFactor,
        Double backoffFactor,
        Integer growthInterval,
        Integer hysteresis,
        Double minimum) {

    /**
     * Fills in defaults.
     *
     * @param initial as above
     * @param growthFactor as above
     * @param backoffFactor as above
     * @param growthInterval as above
     * @param hysteresis as above
     * @param minimum as above
     */
    public LossScaleConfig {
        initial = Objects.requireNonNullElse(initial, 65536.0);
        growthFactor = Objects.requireNonNullElse(growthFactor, 2.0);
        backoffFactor = Objects.requireNonNullElse(backoffFactor, 0.5);
        growthInterval = Objects.requireNonNullElse(growthInterval, 2000);
        hysteresis = Objects.requireNonNullElse(hysteresis, 2);
        minimum = Objects.requireNonNullElse(minimum, 1.0);
    }

    /**
     * The section when an FP16 run leaves it out.
     *
     * @return every default
     */
    @SuppressWarnings("NullAway") // null asks the constructor for the default
    public static LossScaleConfig defaults() {
        return new LossScaleConfig(null, null, null, null, null, null);
    }

    /**
     * Everything wrong with this section.
     *
     * @return key relative to {@code train.lossScale} to what is wrong and the remedy
     */
    public Map<String, String> problems() {
        return new Rules()
                .require(
                        initial >= minimum && initial <= Float.MAX_VALUE,
                        "initial",
                        initial + " must be at least minimum " + minimum + " and at most 3.4e38, for example 65536")
                .require(
                        growthFactor > 1 && Double.isFinite(growthFactor),
                        "growthFactor",
                        growthFactor + " must be greater than 1, for example 2")
                .require(
                        backoffFactor > 0 && backoffFactor < 1,
                        "backoffFactor",
                        backoffFactor + " must lie between 0 and 1, for example 0.5")
                .atLeast("growthInterval", growthInterval, 1)
                .atLeast("hysteresis", hysteresis, 1)
                .require(
                        minimum >= 1 && Double.isFinite(minimum),
                        "minimum",
                        minimum + " must be at least 1: below it gradients lose more than they gain")
                .problems();
    }
}
