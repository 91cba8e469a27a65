package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.InputException;
import java.nio.file.Path;
import java.util.List;

/**
 * The text of a training run: every line of every document is a sentence.
 *
 * @param files text files as {@link io.github.gptmoe.data.DocumentReader} reads them
 * @param badRows what to do with rows that cannot be used
 * @param sample how many sentences to draw from all, each as likely as every other; 0 for all of them
 * @param seed decides which
 */
public record BpeInput(List<Path> files, BadRows badRows, int sample, long seed) {
    /**
     * Checks the size of the sample, and that bad rows fail or are left out.
     *
     * @param files text files
     * @param badRows what to do with rows that cannot be used
     * @param sample how many sentences to draw, or 0
     * @param seed decides which
     */
    public BpeInput {
        files = List.copyOf(files);
        if (badRows == BadRows.QUARANTINE) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "--bad-rows quarantine: a vocabulary's text is only read; use skip, and see the rows with \"moe data inspect\"");
        }
        if (sample < 0) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "--sample " + sample + " must be 0 (all sentences) or a number of sentences");
        }
    }

    /**
     * All sentences of some files; a bad row is an error.
     *
     * @param files text files
     * @return the input
     */
    public static BpeInput all(List<Path> files) {
        return new BpeInput(files, BadRows.FAIL, 0, 0);
    }
}
