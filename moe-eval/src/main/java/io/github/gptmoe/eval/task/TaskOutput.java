package io.github.gptmoe.eval.task;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.checkpoint.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes files of results: a reader sees the old or the new one, never a part. */
public final class TaskOutput {
    private TaskOutput() {}

    /**
     * Replaces a file at once.
     *
     * @param file where to; its folder is made if it is missing
     * @param text of the file
     * @throws InputException if that is not possible
     */
    public static void replace(Path file, String text) {
        replace(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Replaces a file at once.
     *
     * @param file where to; its folder is made if it is missing
     * @param bytes of the file
     * @throws InputException if that is not possible
     */
    public static void replace(Path file, byte[] bytes) {
        try {
            Files.createDirectories(file.toAbsolutePath().resolveSibling("."));
            DurableFile.replace(file, fresh -> Files.write(fresh, bytes));
        } catch (IOException refused) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    "cannot write " + file + " (" + refused.getClass().getSimpleName() + ": " + refused.getMessage()
                            + "); make room, or choose another place with --out",
                    refused);
        }
    }
}
