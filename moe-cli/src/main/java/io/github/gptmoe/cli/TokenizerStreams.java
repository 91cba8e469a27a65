package io.github.gptmoe.cli;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.TextLines;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The model and the lines of a command that turns lines into other lines. */
final class TokenizerStreams {
    private static final String STANDARD_INPUT = "-";

    @Parameters(index = "0", paramLabel = "MODEL", description = "A SentencePiece .model file.")
    @SuppressWarnings("NullAway.Init") // picocli requires it
    private Path model;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "FILE",
            description = "Lines to read, also .gz and .zst; default, and -: standard input.")
    private List<String> files = List.of();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads; default: all processors. Lines keep their order.")
    private int threads = Runtime.getRuntime().availableProcessors();

    Path model() {
        return model;
    }

    int threads() {
        if (threads < 1) {
            throw new InputException(InputException.Kind.CONFIGURATION, "--threads " + threads + " must be at least 1");
        }
        return threads;
    }

    /** Hands over the lines of one file after the other. */
    void forEach(Consumer<TextLines> taker) {
        for (String file : files.isEmpty() ? List.of(STANDARD_INPUT) : files) {
            try (TextLines lines = file.equals(STANDARD_INPUT)
                    ? TextLines.of("standard input", System.in)
                    : TextLines.open(Path.of(file))) {
                taker.accept(lines);
            }
        }
    }
}
