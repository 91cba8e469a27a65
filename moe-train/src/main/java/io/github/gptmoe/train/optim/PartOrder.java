package io.github.gptmoe.train.optim;

import java.util.function.IntConsumer;

/** Makes the parts of an update one after the other, with what has to happen between them. */
@FunctionalInterface
public interface PartOrder {
    /** Nothing has to. */
    PartOrder PLAIN = (first, end, update) -> {
        for (int part = first; part < end; part++) {
            update.accept(part);
        }
    };

    /**
     * Makes parts.
     *
     * @param first of them
     * @param end after the last
     * @param update is given the number of each, in order
     */
    void run(int first, int end, IntConsumer update);
}
