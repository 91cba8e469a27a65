package io.github.gptmoe.data;

/**
 * What packing did.
 *
 * @param reused whether the corpus was found in the cache, so that nothing was tokenised
 * @param documents documents in both streams
 * @param textBytes UTF-8 bytes of their text
 * @param tokens tokens in both streams
 * @param skippedRows bad rows left out
 * @param emptyRows rows without text or without tokens
 * @param seconds time this call took, reading the source files included
 */
public record PackReport(
        boolean reused, long documents, long textBytes, long tokens, long skippedRows, long emptyRows, double seconds) {

    /**
     * Returns the rate of packing.
     *
     * @return 10^6 bytes of text a second; 0 when the corpus was reused
     */
    public double megabytesPerSecond() {
        return reused ? 0 : textBytes / seconds / 1e6;
    }

    /**
     * Returns the rate of packing.
     *
     * @return tokens a second; 0 when the corpus was reused
     */
    public double tokensPerSecond() {
        return reused ? 0 : tokens / seconds;
    }
}
