package io.github.gptmoe.data;

/** Batches for one training thread, made when they are asked for or ahead of that. */
public interface BatchLoader extends AutoCloseable {
    /** Where batches come from; several threads may call it at once. */
    @FunctionalInterface
    interface Source {
        /**
         * Makes a batch.
         *
         * @param firstSample number of the first sample, over all epochs
         * @param sequences how many
         * @return the batch
         */
        TokenBatch batch(long firstSample, int sequences);
    }

    /**
     * Opens the loader that a configuration asks for.
     *
     * @param config {@code loaderThreads} and {@code prefetch}
     * @param source where batches come from; must stay usable until the loader is closed
     * @param schedule what will be asked for
     * @return a loader, which has begun to read unless {@code loaderThreads} is 0
     */
    static BatchLoader of(DataConfig config, Source source, BatchSchedule schedule) {
        return config.loaderThreads() == 0
                ? new DirectBatches(source)
                : new PrefetchingBatches(source, schedule, config.loaderThreads(), config.prefetch());
    }

    /**
     * Gives the next batch, waiting for it if need be.
     *
     * @param firstSample number of the first sample, over all epochs
     * @param sequences how many
     * @return the batch, which is the caller's
     * @throws InputException if the data cannot be read, with file and place
     */
    TokenBatch batch(long firstSample, int sequences);

    /** Returns once no thread uses the source any more. */
    @Override
    void close();
}
