package io.github.gptmoe.data;

/** Hears how far packing has come: a few times a second and once at the end, on the thread that called for packing. */
@FunctionalInterface
public interface PackProgress {
    /**
     * Called when documents were written.
     *
     * @param documents documents so far
     * @param textBytes bytes of their text
     * @param tokens their tokens
     * @param fraction the share of the source files that was read, from 0 to 1
     */
    void packed(long documents, long textBytes, long tokens, double fraction);
}
