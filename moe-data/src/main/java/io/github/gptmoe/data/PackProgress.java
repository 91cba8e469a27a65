package io.github.gptmoe.data;

/**
 * Hears how far packing has come: a few times a second and once at the end, on the thread that called for packing. What it
 * throws ends the packing and reaches the caller; the cache is then as it was before.
 */
@FunctionalInterface
public interface PackProgress {
    /**
     * Called while documents are tokenised and written.
     *
     * @param documents documents so far
     * @param textBytes bytes of their text
     * @param tokens their tokens
     * @param fraction the share of the source files that was read, from 0 to 1
     */
    void packed(long documents, long textBytes, long tokens, double fraction);
}
