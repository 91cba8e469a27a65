package io.github.gptmoe.train.scaling;

import io.github.gptmoe.train.StepBenchmark;
import org.jspecify.annotations.Nullable;

/**
 * What a measurement came to: one of the two.
 *
 * @param result what was measured
 * @param failure why nothing was
 */
public record StepOutcome(
        StepBenchmark.@Nullable Result result, @Nullable String failure) {
    /**
     * A measurement.
     *
     * @param result what was measured
     * @return the outcome
     */
    public static StepOutcome measured(StepBenchmark.Result result) {
        return new StepOutcome(result, null);
    }

    /**
     * A failure, such as too little memory.
     *
     * @param reason in a few words
     * @return the outcome
     */
    public static StepOutcome failed(String reason) {
        return new StepOutcome(null, reason);
    }
}
