package io.github.gptmoe.train.tuning;

import java.io.IOException;

/** Measures steps with a combination, such that one measurement leaves nothing behind for the next. */
@FunctionalInterface
public interface TrialRunner {
    /**
     * Measures.
     *
     * @param combination what
     * @return what came out; too little memory and other failures are outcomes too
     * @throws IOException if measuring itself is impossible on this machine
     * @throws InterruptedException if the thread was told to stop
     */
    Trial run(Combination combination) throws IOException, InterruptedException;
}
