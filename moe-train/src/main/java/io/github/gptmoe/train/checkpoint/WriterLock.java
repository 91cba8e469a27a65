package io.github.gptmoe.train.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Held while a save is in progress, so that other processes can tell its unfinished folders from those of a dead one:
 * the operating system drops the lock when the process ends, however it ends.
 */
final class WriterLock implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(WriterLock.class);

    private final Path file;
    private final FileChannel channel;

    private WriterLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static WriterLock acquire(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                throw new IOException("another process holds " + file);
            }
            return new WriterLock(file, channel);
        } catch (IOException | RuntimeException error) {
            channel.close();
            throw error;
        }
    }

    /** Tells whether a running process holds the lock; without a lock file nobody does. */
    static boolean isHeld(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                @Nullable FileLock lock = channel.tryLock()) {
            return lock == null;
        } catch (NoSuchFileException absent) {
            return false;
        } catch (OverlappingFileLockException heldByThisProcess) {
            return true;
        }
    }

    /** Ends a save in good order: nothing of it is left to protect. */
    void deleteFile() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException error) {
            // An empty file too many, which the next save of another process removes; the save itself is done.
            LOG.warn("Cannot delete {}: {}", file, error.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
