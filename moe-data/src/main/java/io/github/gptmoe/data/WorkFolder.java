package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a packing works: the folder {@code OUT.packing} beside its result, which stays behind when the packing ends before its time,
 * so that the next one goes on from it. One process at a time.
 */
final class WorkFolder implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(WorkFolder.class);
    private static final String SUFFIX = ".packing";
    private static final String LOCK = "lock";
    private static final String STAGE = "stage";

    private final Path out;
    private final Path folder;
    private final FileChannel lock;

    private WorkFolder(Path out, Path folder, FileChannel lock) {
        this.out = out;
        this.folder = folder;
        this.lock = lock;
    }

    static WorkFolder open(Path out) throws IOException {
        Path folder = Files.createDirectories(of(out));
        FileChannel channel =
                FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (tryLock(channel) == null) {
                throw InputException.environment("another process packs into " + out + " (it holds "
                        + folder.resolve(LOCK) + "); wait for it, or name another --out");
            }
            return new WorkFolder(out, folder, channel);
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
    }

    /** The folder for a result. */
    static Path of(Path out) {
        Path absolute = out.toAbsolutePath().normalize();
        return absolute.resolveSibling(absolute.getFileName() + SUFFIX);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldHere) {
            return null;
        }
    }

    Path path() {
        return folder;
    }

    /** An empty folder for the result. */
    Path freshStage() throws IOException {
        Path stage = folder.resolve(STAGE);
        PackFolder.deleteTree(stage);
        return Files.createDirectory(stage);
    }

    /** Removes what a packing has left that was killed just after its result appeared. */
    static void removeRemains(Path out) throws IOException {
        Path folder = of(out);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (FileChannel channel =
                FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (tryLock(channel) != null) {
                PackFolder.deleteTree(folder);
            }
        }
    }

    /** Makes the finished result visible under its name, and removes what was needed for it. */
    void publish() throws IOException {
        Path stage = folder.resolve(STAGE);
        try (Stream<Path> files = Files.list(stage)) {
            for (Path file : files.toList()) {
                PackFolder.force(file);
            }
        }
        PackFolder.force(stage);
        Files.deleteIfExists(out); // An empty folder, or nothing.
        Files.move(stage, out, StandardCopyOption.ATOMIC_MOVE);
        Path parent = folder.getParent();
        if (parent != null) {
            PackFolder.force(parent);
        }
        try {
            removeContent();
        } catch (IOException mapped) {
            // Some systems keep files that are still mapped; the result is there all the same.
            LOGGER.warn(
                    "{} is not needed any more and could not be removed ({}); delete it", folder, mapped.getMessage());
        }
    }

    /** Removes everything but the lock, which {@link #close()} takes away. */
    private void removeContent() throws IOException {
        List<Path> entries;
        try (Stream<Path> all = Files.list(folder)) {
            entries = all.toList();
        }
        for (Path entry : entries) {
            if (!LOCK.equals(String.valueOf(entry.getFileName()))) {
                PackFolder.deleteTree(entry);
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            boolean empty;
            try (Stream<Path> all = Files.list(folder)) {
                empty = all.count() == 1;
            }
            if (empty) {
                Files.deleteIfExists(folder.resolve(LOCK));
                Files.deleteIfExists(folder);
            }
        }
    }
}
