package io.github.gptmoe.spark;

import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.TextCodec;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A file to be read, wherever it lies. To be sent to tasks.
 *
 * @param number its place among the inputs, from 0
 * @param uri where it lies
 * @param shown what messages call it
 * @param name its path below the deepest folder that all inputs share
 * @param bytes its size on disk
 * @param changed when it was last changed, in milliseconds since 1970
 */
record JobInput(int number, String uri, String shown, String name, long bytes, long changed) implements Serializable {
    private static final String PARQUET = ".parquet";

    static boolean isParquet(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(PARQUET);
    }

    boolean isParquet() {
        return isParquet(path());
    }

    /** Whether parts of it can be read by themselves. */
    boolean isDivisible() {
        return TextCodec.of(path()) == TextCodec.NONE;
    }

    Path path() {
        return Path.of(shown);
    }

    InputFile file() {
        return new InputFile(path(), name, bytes, changed);
    }

    /** What its output is called. */
    String outputName(Format format) {
        String text = file().outputName();
        return switch (format) {
            case JSONL -> text;
            case PARQUET -> text.substring(0, text.lastIndexOf(".jsonl")) + PARQUET;
        };
    }
}
