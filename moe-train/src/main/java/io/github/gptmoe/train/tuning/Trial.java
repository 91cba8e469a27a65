package io.github.gptmoe.train.tuning;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one measurement of one combination came to.
 *
 * @param status which of the ends it had
 * @param seconds of a step, median of the timed ones; not a number unless measured, or measured above a limit of memory
 * @param peakBytes largest resident set; null where nothing was measured or the system does not tell
 * @param reason why it is not usable; null if measured
 */
public record Trial(
        Status status,
        double seconds,
        @Nullable Long peakBytes,
        @Nullable String reason) {

    /** How a measurement ends. */
    public enum Status {
        /** It has a time. */
        MEASURED,
        /** It did not fit, or not within the limit that was asked for. */
        OUT_OF_MEMORY,
        /** It was not run, because something that needs no more did not fit. */
        EXPECTED_OUT_OF_MEMORY,
        /** It took longer than a measurement may. */
        TIMED_OUT,
        /** Anything else, such as a setting that this machine refuses. */
        FAILED;

        /**
         * The name in documents.
         *
         * @return such as {@code out-of-memory}
         */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * A time.
     *
     * @param seconds of a step
     * @param peakBytes largest resident set; null where the system does not tell
     * @return the trial
     */
    public static Trial measured(double seconds, @Nullable Long peakBytes) {
        return new Trial(Status.MEASURED, seconds, peakBytes, null);
    }

    /**
     * It ran, but needs more than it may.
     *
     * @param seconds of a step
     * @param peakBytes largest resident set
     * @param reason for a person
     * @return the trial
     */
    public static Trial overLimit(double seconds, long peakBytes, String reason) {
        return new Trial(Status.OUT_OF_MEMORY, seconds, peakBytes, reason);
    }

    /**
     * No time.
     *
     * @param status not {@link Status#MEASURED}
     * @param reason for a person
     * @return the trial
     */
    public static Trial failed(Status status, String reason) {
        return new Trial(status, Double.NaN, null, reason);
    }

    /**
     * Whether its time counts.
     *
     * @return false for every failure
     */
    public boolean usable() {
        return status == Status.MEASURED;
    }
}
