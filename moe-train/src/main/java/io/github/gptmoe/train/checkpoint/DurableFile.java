package io.github.gptmoe.train.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Replaces small files so that, whenever the power fails, either the old content or all of the new one is there. */
public final class DurableFile {
    private DurableFile() {}

    /** Writes a file that does not exist, or that an interrupted call left behind. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes it.
         *
         * @param fresh where to
         * @throws IOException if the disk refuses
         */
        void writeTo(Path fresh) throws IOException;
    }

    /**
     * Creates or replaces a file, and returns when it is on the disk.
     *
     * @param file its name; a file of this name with {@code .tmp} after it is overwritten
     * @param content what it is to have
     * @throws IOException if the disk refuses; then {@code file} is as it was
     */
    public static void replace(Path file, Content content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
        content.writeTo(fresh);
        try (FileChannel written = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            written.force(true); // the rename may reach the disk before what it renames
        }
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        FolderTree.sync(file.toAbsolutePath().resolveSibling("."));
    }
}
