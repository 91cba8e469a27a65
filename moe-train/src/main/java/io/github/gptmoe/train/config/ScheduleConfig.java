package io.github.gptmoe.train.config;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The learning rate over the run: a linear warm-up to {@code optimizer.learningRate}, then a decay over the remaining
 * steps. Formulas: {@link io.github.gptmoe.train.optim.LearningRateSchedule.Decay}.
 *
 * @param type {@code cosine} (half a cosine down to the minimum), {@code linear} (a straight line down to it), {@code
 *     constant} (no decay), {@code inverse-sqrt} (with the root of the step, whatever the length of the run) or {@code
 *     warmup-stable-decay} (constant, then down to the minimum in the last part); default cosine
 * @param warmupSteps optimizer steps of the warm-up; a run that is no longer ends on its way up, and is told so; default 0
 * @param minimumLearningRate where the decay ends; default 0
 * @param decayShare the last part of {@code warmup-stable-decay}, as a share of the steps after the warm-up; others do not
 *     look at it; default 0.2
 */
public record ScheduleConfig(String type, Long warmupSteps, Double minimumLearningRate, Double decayShare) {

    /**
     * Fills in defaults.
     *
     * @param type as above
     * @param warmupSteps as above
     * @param minimumLearningRate as above
     * @param decayShare as above
     */
    public ScheduleConfig {
        type = Objects.requireNonNullElse(type, "cosine");
        warmupSteps = Objects.requireNonNullElse(warmupSteps, 0L);
        minimumLearningRate = Objects.requireNonNullElse(minimumLearningRate, 0.0);
        decayShare = Objects.requireNonNullElse(decayShare, 0.2);
    }

    /**
     * The schedule of an empty section.
     *
     * @return cosine without warm-up, down to 0
     */
    @SuppressWarnings("NullAway") // null asks the constructor for the default
    public static ScheduleConfig defaults() {
        return new ScheduleConfig(null, null, null, null);
    }

    /**
     * Everything wrong with this section.
     *
     * @return key relative to {@code train.schedule} to what is wrong and the remedy
     */
    public Map<String, String> problems() {
        return new Rules()
                .oneOf("type", type, List.of("cosine", "linear", "constant", "inverse-sqrt", "warmup-stable-decay"))
                .atLeast("warmupSteps", warmupSteps, 0)
                .require(
                        minimumLearningRate >= 0 && Double.isFinite(minimumLearningRate),
                        "minimumLearningRate",
                        minimumLearningRate + " must be 0 or positive, for example a tenth of the learning rate")
                .require(
                        decayShare > 0 && decayShare <= 1,
                        "decayShare",
                        decayShare + " must be above 0 and at most 1, for example 0.2")
                .problems();
    }
}
