package io.github.gptmoe.train.scaling;

import io.github.gptmoe.train.StepBenchmark;
import org.jspecify.annotations.Nullable;

/**
 * What a measurement came to: one of the two.
 *
 * @param result what was measured
 * @param failure why nothing was
 * @param kind which of the ends it had
 */
public record StepOutcome(
        StepBenchmark.@Nullable Result result, @Nullable String failure, Kind kind) {

    /** How a measurement ends. */
    public enum Kind {
        /** There is a result. */
        MEASURED,
        /** There was not enough memory. */
        OUT_OF_MEMORY,
        /** It took longer than it may. */
        TIMED_OUT,
        /** Any other reason. */
        FAILED
    }

    /**
     * A measurement.
     *
     * @param result what was measured
     * @return the outcome
     */
    public static StepOutcome measured(StepBenchmark.Result result) {
        return new StepOutcome(result, null, Kind.MEASURED);
    }

    /**
     * A failure.
     *
     * @param reason in a few words
     * @return the outcome
     */
    public static StepOutcome failed(String reason) {
        return failed(Kind.FAILED, reason);
    }

    /**
     * A failure of a known kind.
     *
     * @param kind other than {@link Kind#MEASURED}
     * @param reason in a few words
     * @return the outcome
     */
    public static StepOutcome failed(Kind kind, String reason) {
        return new StepOutcome(null, reason, kind);
    }
}
