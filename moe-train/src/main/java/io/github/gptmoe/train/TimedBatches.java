package io.github.gptmoe.train;

import io.github.gptmoe.data.TokenBatch;
import java.util.function.LongSupplier;

/** Batches from a source, and how long the training thread waited for them: from asking for one to having it. */
final class TimedBatches implements TrainStep.Batches {
    private final TrainStep.Batches source;
    private final LongSupplier nanoTime;
    private long waitedNanos;

    /** Waits for {@code source}; {@code nanoTime} is the clock, such as {@code System::nanoTime}. */
    TimedBatches(TrainStep.Batches source, LongSupplier nanoTime) {
        this.source = source;
        this.nanoTime = nanoTime;
    }

    @Override
    public TokenBatch batch(long firstSample, int sequences) {
        long start = nanoTime.getAsLong();
        try {
            return source.batch(firstSample, sequences);
        } finally {
            waitedNanos += nanoTime.getAsLong() - start;
        }
    }

    /** All waiting so far; of the thread that asks for batches. */
    long waitedNanos() {
        return waitedNanos;
    }
}
