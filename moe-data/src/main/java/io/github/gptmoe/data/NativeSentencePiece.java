package io.github.gptmoe.data;

import ai.djl.sentencepiece.SpTokenizer;
import java.nio.file.Path;

/** The SentencePiece library. Kept apart, so that what needs no library runs where it is absent. Encoding is safe for several threads. */
final class NativeSentencePiece implements AutoCloseable {
    private final SpTokenizer tokenizer;

    private NativeSentencePiece(SpTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Loads a model; a failure names {@code file}. */
    static NativeSentencePiece open(Path file, byte[] model) {
        try {
            return new NativeSentencePiece(new SpTokenizer(model));
        } catch (RuntimeException | LinkageError failed) {
            throw InputException.environment(
                    file + ": the native SentencePiece library could not load this model (" + failed.getMessage()
                            + "); check that the file is whole and that the folder DJL_CACHE_DIR (default ~/.djl.ai)"
                            + " is writable",
                    failed);
        }
    }

    int[] encode(String text) {
        return tokenizer.getProcessor().encode(text);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
