package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
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
    private static final String PARTS = "parts";
    private static final int MOST_ATTEMPTS = 100;
    private static final int MOST_LOCK_BYTES = 1 << 16;

    private final Path out;
    private final Path folder;
    private final FileChannel lock;

    private WorkFolder(Path out, Path folder, FileChannel lock) {
        this.out = out;
        this.folder = folder;
        this.lock = lock;
    }

    static WorkFolder open(Path out) throws IOException {
        Path folder = of(out);
        FileChannel channel = locked(folder);
        if (channel == null) {
            throw InputException.environment("another process packs into " + out + " (it holds " + folder.resolve(LOCK)
                    + "); wait for it, or name another --out");
        }
        return new WorkFolder(out, folder, channel);
    }

    /** Makes the folder if need be, and takes its lock; null if another process has it. */
    private static @Nullable FileChannel locked(Path folder) throws IOException {
        for (int attempt = 1; ; attempt++) {
            FileChannel channel;
            try {
                Files.createDirectories(folder);
                channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            } catch (NoSuchFileException | FileAlreadyExistsException removed) {
                // The second one is what a folder gives that is removed while it is made.
                if (attempt == MOST_ATTEMPTS) {
                    throw removed;
                }
                continue; // Its last user was done, and removed the folder just now.
            }
            boolean keeps = false;
            try {
                if (tryLock(channel) == null) {
                    return null;
                }
                keeps = isOf(channel, folder.resolve(LOCK));
                if (keeps) {
                    return channel;
                }
                if (attempt == MOST_ATTEMPTS) {
                    throw new IOException(folder.resolve(LOCK) + " is removed by others again and again");
                }
            } finally {
                if (!keeps) {
                    channel.close();
                }
            }
        }
    }

    /**
     * Whether a locked file is still the one of that name: its last user removes it, and another may have made a new one. Told by
     * its size, because to open the file once more and close it would give the lock up on POSIX systems.
     */
    private static boolean isOf(FileChannel channel, Path file) throws IOException {
        int size = 1 + ThreadLocalRandom.current().nextInt(MOST_LOCK_BYTES);
        channel.truncate(0);
        channel.write(ByteBuffer.allocate(size), 0);
        try {
            return Files.size(file) == size;
        } catch (NoSuchFileException removed) {
            return false;
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

    /** Where parts lie; may be missing. */
    Path parts() {
        return folder.resolve(PARTS);
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
        try (FileChannel channel = locked(folder)) {
            if (channel != null) {
                removeContent(folder);
                removeIfEmpty(folder);
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
            removeContent(folder);
        } catch (IOException mapped) {
            // Some systems keep files that are still mapped; the result is there all the same.
            LOGGER.warn(
                    "{} is not needed any more and could not be removed ({}); delete it", folder, mapped.getMessage());
        }
    }

    /** Removes what packings make, and nothing that somebody else has put there. */
    private static void removeContent(Path folder) throws IOException {
        PackFolder.deleteTree(folder.resolve(STAGE));
        PackFolder.deleteTree(folder.resolve(PARTS));
    }

    /** Removes lock and folder if nothing else is there. */
    private static void removeIfEmpty(Path folder) throws IOException {
        List<Path> entries;
        try (Stream<Path> all = Files.list(folder)) {
            entries = all.toList();
        }
        if (entries.equals(List.of(folder.resolve(LOCK)))) {
            Files.delete(folder.resolve(LOCK));
            try {
                Files.deleteIfExists(folder);
            } catch (DirectoryNotEmptyException used) {
                LOGGER.debug("{} is used by the next packing already", folder);
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            removeIfEmpty(folder);
        }
    }
}
