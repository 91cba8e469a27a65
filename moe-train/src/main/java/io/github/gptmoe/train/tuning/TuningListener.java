package io.github.gptmoe.train.tuning;

import java.time.Duration;
import java.util.Optional;

/** Hears of every measurement of a search. */
public interface TuningListener {
    /**
     * How far a search is.
     *
     * @param number of the measurement, from 1
     * @param atMost measurements that the search makes at most, as far as is known by now
     * @param round of the finals, from 1; 0 before them
     * @param left estimated time from now to the end; empty before the first measurement has ended
     */
    record Progress(int number, int atMost, int round, Optional<Duration> left) {}

    /**
     * A measurement begins.
     *
     * @param progress which one
     * @param combination of what
     */
    void starting(Progress progress, Combination combination);

    /**
     * A measurement has ended.
     *
     * @param progress which one, with the time that is left after it
     * @param combination of what
     * @param trial what it came to
     */
    void ended(Progress progress, Combination combination, Trial trial);
}
