package io.github.gptmoe.cli;

import io.github.gptmoe.data.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --data}: where the rows of tasks are. */
final class DataOption {
    private static final String VARIABLE = "MOE_DATA";
    private static final Path STANDARD = Path.of("data", "zeroclue");
    private static final Path ENGLISH = Path.of("data", "english");

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = {
                "Folder with a folder for each task; default $MOE_DATA, or data/zeroclue;",
                "scripts/fetch-zeroclue.sh fetches the official files."
            })
    private @Nullable Path data;

    /** The folder, which exists; one that was not named is told. */
    Path folder(Consumer<String> told) {
        String variable = System.getenv(VARIABLE);
        Path chosen = data != null ? data : variable != null && !variable.isBlank() ? Path.of(variable) : STANDARD;
        if (data == null) {
            told.accept("data " + chosen + (variable != null && !variable.isBlank() ? " ($MOE_DATA)" : ""));
        }
        return existing(
                chosen,
                "name one with --data or $MOE_DATA, or fetch the official files with scripts/fetch-zeroclue.sh");
    }

    /** The folder of the English files, which exists. The variable is not asked: it names that of the other tasks. */
    Path englishFolder(Consumer<String> told) {
        Path chosen = data != null ? data : ENGLISH;
        if (data == null) {
            told.accept("data " + chosen);
        }
        return existing(chosen, "name one with --data; docs/english-tasks.md has what is in it");
    }

    private static Path existing(Path folder, String remedy) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT, "no data folder " + folder.toAbsolutePath() + "; " + remedy);
        }
        return folder;
    }
}
