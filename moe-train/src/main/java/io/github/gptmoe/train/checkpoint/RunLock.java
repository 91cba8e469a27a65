package io.github.gptmoe.train.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second trainer out of a run folder.
 *
 * <p>The lock is the operating system's, on {@code run.lock}: it goes away with the process, also after kill -9, so a
 * stale lock needs no care. {@code run.lock.owner} tells people who holds it (process, machine, start). The lock file
 * itself stays: deleting it would let two processes lock two files of one name.
 */
public final class RunLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);

    private final Path ownerFile;
    private final FileChannel channel;

    private RunLock(Path ownerFile, FileChannel channel) {
        this.ownerFile = ownerFile;
        this.channel = channel;
    }

    /**
     * Takes the lock of a run folder; the folder is made if it is missing.
     *
     * @param runFolder folder of the run
     * @return the held lock; the caller closes it when the run ends
     * @throws CheckpointException if another trainer, in this or another process, holds it, naming that one
     * @throws IOException if the lock file cannot be written
     */
    public static synchronized RunLock acquire(Path runFolder) throws IOException {
        Files.createDirectories(runFolder);
        Path lockFile = runFolder.resolve("run.lock");
        Path ownerFile = runFolder.resolve("run.lock.owner");
        LockOwner self = LockOwner.thisProcess();
        Optional<LockOwner> previous = LockOwner.read(ownerFile);
        // Asked before the lock file is opened: closing any handle of it would drop the lock this process holds.
        if (previous.isPresent() && previous.get().equals(self)) {
            throw refused(lockFile, previous);
        }
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (!tryLock(channel)) {
                throw refused(lockFile, LockOwner.read(ownerFile));
            }
            previous.ifPresent(owner -> LOG.warn("Took over the lock of {}, which ended without releasing it", owner));
            Files.writeString(ownerFile, self.toJson());
            return new RunLock(ownerFile, channel);
        } catch (IOException | RuntimeException error) {
            channel.close();
            throw error;
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
    }

    private static CheckpointException refused(Path lockFile, Optional<LockOwner> owner) {
        String name = owner.map(LockOwner::toString).orElse("a process that left no name");
        return new CheckpointException(
                CheckpointException.Kind.LOCKED,
                lockFile,
                "another trainer works in this folder: " + name + "; wait for it, stop it, or choose another --out");
    }

    /**
     * Releases the lock.
     *
     * @throws IOException if the file system fails; the lock is gone with the process in any case
     */
    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            try {
                Files.deleteIfExists(ownerFile);
            } finally {
                channel.close();
            }
        }
    }
}
