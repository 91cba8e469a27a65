package io.github.gptmoe.train.config;

import java.util.Map;
import java.util.Objects;

/**
 * The dynamic loss scale of an FP16 run. Formulas: {@link io.github.gptmoe.train.lossscale.LossScale}.
 *
 * @param initial scale of the first step; powers of two multiply without rounding; default 65536
 * @param growthFactor what the scale is multiplied by after {@code growthInterval} steps without overflow, from 1.05
 *     to 20; default 2
 * @param backoffFactor what it is multiplied by after an overflow, from 0.05 to 0.95, so that a few overflows bring it down;
 *     default 0.5
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
    private static final double LEAST_GROWTH = 1.05;
    private static final double MOST_GROWTH = 20;
    private static final double LEAST_BACKOFF = 0.05;
    private static final double MOST_BACKOFF = 0.95;

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
                        growthFactor >= LEAST_GROWTH && growthFactor <= MOST_GROWTH,
                        "growthFactor",
                        growthFactor + " must lie between 1.05 and 20, for example 2")
                .require(
                        backoffFactor >= LEAST_BACKOFF && backoffFactor <= MOST_BACKOFF,
                        "backoffFactor",
                        backoffFactor + " must lie between 0.05 and 0.95, for example 0.5")
                .atLeast("growthInterval", growthInterval, 1)
                .atLeast("hysteresis", hysteresis, 1)
                .require(
                        minimum >= 1 && Double.isFinite(minimum),
                        "minimum",
                        minimum + " must be at least 1: below it gradients lose more than they gain")
                .problems();
    }
}
