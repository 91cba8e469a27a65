package io.github.gptmoe.data;

/** A finite sequence of tokens, documents one after the other, each followed by the end-of-document id; safe for several threads. */
public interface TokenStream {
    /**
     * Returns which stream this is.
     *
     * @return {@code train} or {@code validation}
     */
    String name();

    /**
     * Returns the length of the stream.
     *
     * @return tokens, the end-of-document ids included
     */
    long tokens();

    /**
     * Returns the size of the text behind the tokens, for bits per byte.
     *
     * @return UTF-8 bytes of all documents, line ends and markup of the files excluded
     */
    long textBytes();

    /**
     * Copies tokens out of the stream.
     *
     * @param offset where to begin
     * @param into is filled completely
     * @throws InputException if they cannot be had, with the file and the byte
     */
    void read(long offset, int[] into);

    /**
     * Names the stream and the files it comes from, to begin a message with.
     *
     * @return for people
     */
    String description();
}
