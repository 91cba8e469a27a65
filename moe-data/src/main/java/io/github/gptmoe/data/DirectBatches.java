package io.github.gptmoe.data;

/** Batches made in the thread that asks for them. */
record DirectBatches(BatchLoader.Source source) implements BatchLoader {
    @Override
    public TokenBatch batch(long firstSample, int sequences) {
        return source.batch(firstSample, sequences);
    }

    @Override
    public void close() {
        // Nothing was opened.
    }
}
