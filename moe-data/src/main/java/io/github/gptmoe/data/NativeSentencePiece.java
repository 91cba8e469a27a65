package io.github.gptmoe.data;

import ai.djl.engine.EngineException;
import ai.djl.sentencepiece.SpTokenizer;
import java.nio.file.Path;

/** The SentencePiece library. Kept apart, so that what needs no library runs where it is absent. Encoding is safe for several threads. */
final class NativeSentencePiece implements AutoCloseable {
    private final Path file;
    private final SpTokenizer tokenizer;

    private NativeSentencePiece(Path file, SpTokenizer tokenizer) {
        this.file = file;
        this.tokenizer = tokenizer;
    }

    /** Loads a model; a failure names {@code file}. */
    static NativeSentencePiece open(Path file, byte[] model) {
        try {
            return new NativeSentencePiece(file, new SpTokenizer(model));
        } catch (RuntimeException | LinkageError failed) {
            throw InputException.environment(
                    file + ": the native SentencePiece library could not load this model (" + failed.getMessage()
                            + "); check that the file is whole and that the folder DJL_CACHE_DIR (default ~/.djl.ai)"
                            + " is writable",
                    failed);
        }
    }

    int[] encode(String text) {
        try {
            return tokenizer.getProcessor().encode(text);
        } catch (EngineException refused) {
            // A control piece of one character, for one: the library gives the character its id and then misses it.
            throw InputException.environment(
                    file + ": the native SentencePiece library cannot encode a text with this model ("
                            + refused.getMessage()
                            + "); use a model whose control pieces have more than one character",
                    refused);
        }
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
