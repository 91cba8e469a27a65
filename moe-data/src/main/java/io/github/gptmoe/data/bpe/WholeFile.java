package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Replaces a file: a reader, or whoever comes after a crash, finds the old one or all of the new one. The new one is written
 * beside it, in a file named after the process; what a process that was killed left there is removed by the next.
 */
final class WholeFile {
    private static final String PROCESS = "[0-9]{1,18}";

    private WholeFile() {}

    /** Writes a file that nobody else knows. */
    @FunctionalInterface
    interface Content {
        void writeTo(Path unfinished) throws IOException;
    }

    /**
     * Replaces the file and returns when its bytes are on the disk.
     *
     * @param name what the message calls the file
     * @throws InputException if it cannot be written; it is as it was then, and nothing is left beside it
     */
    static void replace(Path file, String name, Content content) {
        String prefix = "." + file.getFileName() + ".";
        Path unfinished = file.resolveSibling(prefix + ProcessHandle.current().pid());
        try {
            try {
                content.writeTo(unfinished);
                try (FileChannel written = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                    written.force(true); // the move may reach the disk before what it moves
                }
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(unfinished);
            }
            removeLeftovers(unfinished.toAbsolutePath().resolveSibling("."), prefix);
        } catch (IOException failed) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT,
                    name + " cannot be written (" + failed.getMessage() + "); check the folder and the disk",
                    failed);
        }
    }

    private static void removeLeftovers(Path folder, String prefix) {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(
                folder, path -> isLeftover(path.getFileName().toString(), prefix))) {
            for (Path leftover : leftovers) {
                Files.deleteIfExists(leftover);
            }
        } catch (IOException | DirectoryIteratorException notMine) {
            // The file itself is in place; what another user left stays for that user to remove.
        }
    }

    private static boolean isLeftover(String name, String prefix) {
        String process = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
        return process.matches(PROCESS)
                && ProcessHandle.of(Long.parseLong(process)).isEmpty();
    }
}
