package io.github.gptmoe.eval.report;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes files such that a reader sees the old or the new one, never a part; a failure leaves nothing behind. */
final class WholeFile {
    private WholeFile() {}

    /** Makes the folder if it is missing; {@code options} is what to change if the place is no good. */
    static void replace(Path file, String content, String options) {
        try {
            Files.createDirectories(file.toAbsolutePath().resolveSibling("."));
            // Two processes may write one file, each its own copy. Not a temporary file of Java's: only its owner can
            // read it.
            Path fresh = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
            try {
                Files.writeString(fresh, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException e) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "cannot write " + file + " (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                            + "); make room, or choose another place with " + options,
                    e);
        }
    }
}
