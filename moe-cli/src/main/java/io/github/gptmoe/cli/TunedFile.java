package io.github.gptmoe.cli;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.config.ConfigWriter;
import io.github.gptmoe.train.config.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Where the winner of a search goes: a complete configuration with what was measured as comments. */
final class TunedFile {

    @Option(
            names = "--write",
            paramLabel = "FILE",
            description = "Where the winner is written as a complete config; default: NAME.tuned.yaml.")
    private @Nullable Path write;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder of it; default: the working folder.")
    private @Nullable Path folder;

    @Option(names = "--force", description = "Overwrite it.")
    private boolean force;

    @Option(names = "--no-write", description = "Only show the table.")
    private boolean none;

    boolean wanted() {
        return !none;
    }

    /** The file for a configuration of a name. */
    Path path(String baseName) {
        Path file = write == null ? Path.of(baseName + ".tuned.yaml") : write;
        return folder == null ? file : folder.resolve(file);
    }

    /** Before anything is measured. */
    void requireRoom(String baseName, Function<String, ParameterException> mistake) {
        if (none && (write != null || folder != null || force)) {
            throw mistake.apply("--no-write stands against --write, --out and --force; keep one");
        }
        if (none) {
            return;
        }
        Path file = path(baseName);
        if (Files.isDirectory(file)) {
            throw mistake.apply("--write " + file + " is a folder; name a file, such as tuned.yaml in it");
        }
        if (Files.exists(file) && !force) {
            throw mistake.apply(file + " exists; overwrite it with --force, or name another file with --write");
        }
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent) || !Files.isWritable(parent)) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    file + ": its folder does not exist or cannot be written; make it, or name another with --out");
        }
    }

    /** Writes all of it or nothing. */
    Path write(String baseName, RunConfig winner, List<String> comments) throws IOException {
        Path file = path(baseName);
        StringBuilder text = new StringBuilder();
        comments.forEach(line -> text.append(line.isEmpty() ? "#" : "# " + line).append('\n'));
        text.append('\n').append(ConfigWriter.toYaml(winner));
        Path absolute = file.toAbsolutePath();
        Path part = absolute.resolveSibling(absolute.getFileName() + ".part");
        try {
            Files.writeString(part, text);
            if (force) {
                Files.move(part, absolute, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.move(part, absolute);
            }
        } finally {
            Files.deleteIfExists(part);
        }
        return file;
    }
}
