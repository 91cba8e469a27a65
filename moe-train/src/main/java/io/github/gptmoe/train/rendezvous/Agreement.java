package io.github.gptmoe.train.rendezvous;

import java.util.List;
import java.util.function.Function;

/** How a process takes part in {@link World#settle}. */
@FunctionalInterface
interface Agreement {
    /**
     * Says something, and waits for what process 0 makes of it.
     *
     * @param own what this process says
     * @param decide makes the answer out of what all say, in the order of the processes; called in process 0
     * @return the answer
     */
    byte[] settle(byte[] own, Function<List<byte[]>, byte[]> decide);
}
