package io.github.gptmoe.data.bpe;

/**
 * Hears how far training is: often, on the thread that called for it. What it throws ends the training and reaches the
 * caller.
 */
public interface BpeProgress {
    /** Hears nothing. */
    BpeProgress NONE = new BpeProgress() {
        @Override
        public void read(long sentences, double fraction) {}

        @Override
        public void merged(int pieces, int wanted) {}
    };

    /**
     * Called while text is read and counted.
     *
     * @param sentences sentences so far
     * @param fraction the share of the files that was read, from 0 to 1
     */
    void read(long sentences, double fraction);

    /**
     * Called while pieces are made.
     *
     * @param pieces merged pieces so far
     * @param wanted how many there will be
     */
    void merged(int pieces, int wanted);
}
