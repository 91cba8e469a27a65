package io.github.gptmoe.data.bpe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.InputException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A vocabulary, ready to be saved. */
public final class TrainedTokenizer {
    private static final String MODEL_SUFFIX = ".model";

    private final byte[] model;
    private final String vocabulary;
    private final BpeReport report;

    TrainedTokenizer(byte[] model, String vocabulary, BpeReport report) {
        this.model = model;
        this.vocabulary = vocabulary;
        this.report = report;
    }

    /**
     * Returns the content of the {@code .model} file.
     *
     * @return a copy
     */
    public byte[] model() {
        return model.clone();
    }

    /**
     * Returns the content of the {@code .vocab} file.
     *
     * @return a line for each id with the piece, a tab and the score
     */
    public String vocabulary() {
        return vocabulary;
    }

    /**
     * Returns what training saw and took.
     *
     * @return counts and seconds
     */
    public BpeReport report() {
        return report;
    }

    /**
     * Checks the name of a model before anything is trained.
     *
     * @param file where {@link #save} is to write
     * @return where the vocabulary will be, beside it
     * @throws InputException if the name does not end in {@code .model}, or there is no such folder
     */
    public static Path vocabularyBeside(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(MODEL_SUFFIX) || name.length() == MODEL_SUFFIX.length()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "--model " + file + ": the name must end in " + MODEL_SUFFIX + ", for example zh" + MODEL_SUFFIX);
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT, "--model " + file + ": the folder does not exist; make it first");
        }
        return file.resolveSibling(name.substring(0, name.length() - MODEL_SUFFIX.length()) + ".vocab");
    }

    /**
     * Writes the model, and the vocabulary beside it. Both are complete or not there; what was there is replaced. The model
     * comes last.
     *
     * @param file the model, a name that ends in {@code .model}
     * @throws InputException if it cannot be written
     */
    public void save(Path file) {
        Path vocabularyFile = vocabularyBeside(file);
        replace(vocabularyFile, vocabulary.getBytes(UTF_8));
        replace(file, model);
    }

    private static void replace(Path file, byte[] content) {
        WholeFile.replace(file, file.toString(), unfinished -> Files.write(unfinished, content));
    }
}
