package io.github.gptmoe.data.corpus;

/** Hears how far a pass over files is. It may throw to end the pass, which then leaves nothing half-written. */
@FunctionalInterface
public interface CorpusProgress {
    /** The most that is told before a phase has ended: all bytes are read before all documents are done. */
    double ALMOST = 0.99;

    /**
     * Called a few times a second, and once at the end of a phase.
     *
     * @param phase what is being done, such as {@code cleaning text}
     * @param documents documents done in this phase
     * @param fraction of the phase, from 0 to 1
     */
    void at(String phase, long documents, double fraction);

    /** Hears how far a pass over one file is. */
    @FunctionalInterface
    interface Part {

        /**
         * Called after each group of documents.
         *
         * @param documents documents of the file that are done
         * @param bytes bytes of the file that were read
         */
        void at(long documents, long bytes);
    }
}
