package io.github.gptmoe.train.scaling;

import java.io.IOException;

/** Measures training steps of a configuration, such that one measurement leaves nothing behind for the next. */
@FunctionalInterface
public interface StepMeasurement {
    /**
     * Measures.
     *
     * @param point what
     * @return what was measured; a configuration that fails, for lack of memory or otherwise, is an outcome too
     * @throws IOException if measuring itself is impossible on this machine
     * @throws InterruptedException if the thread was told to stop
     */
    StepOutcome measure(ScalingPoint point) throws IOException, InterruptedException;
}
