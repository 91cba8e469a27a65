package io.github.gptmoe.train.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clears away what saves left behind that never ended.
 *
 * <p>Each unfinished name carries the token of its writer, and the writer holds a lock on {@code .writer-TOKEN.lock}
 * until it is done. A folder is touched only if that lock is free, so the work of a live process on this or (where the
 * file system locks across machines) another machine is never removed.
 */
final class LeftoverSweep {
    private static final Logger LOG = LoggerFactory.getLogger(LeftoverSweep.class);

    private final CheckpointNames names;
    private final SaveObserver observer;

    LeftoverSweep(CheckpointNames names, SaveObserver observer) {
        this.names = names;
        this.observer = observer;
    }

    void run() throws IOException {
        restoreReplaced();
        List<Path> locks = new ArrayList<>();
        for (Path path : names.children()) {
            String owner = CheckpointNames.owner(path);
            if (owner.isEmpty() || isLive(owner)) {
                continue;
            }
            if (CheckpointNames.isLockFile(path)) {
                locks.add(path);
            } else {
                remove(path);
            }
        }
        for (Path lock : locks) {
            if (!lock.equals(names.lockFile(names.token()))) {
                Files.deleteIfExists(lock);
            }
        }
    }

    /** A crash between moving an old checkpoint aside and naming the new one: the old one gets its name back. */
    private void restoreReplaced() throws IOException {
        for (CheckpointNames.Candidate candidate : names.candidates()) {
            Path finished = names.finished(candidate.step());
            if (candidate.replaced() && !isLive(CheckpointNames.owner(candidate.path())) && !Files.exists(finished)) {
                Files.move(candidate.path(), finished, StandardCopyOption.ATOMIC_MOVE);
                FolderTree.sync(names.root());
            }
        }
    }

    private void remove(Path path) {
        try {
            FolderTree.delete(path, observer);
            LOG.info("Removed what an unfinished save left: {}", path);
        } catch (IOException error) {
            // It costs disk space only; the next save tries again.
            LOG.warn("Cannot remove what an unfinished save left: {}: {}", path, error.getMessage());
        }
    }

    private boolean isLive(String owner) throws IOException {
        return !owner.equals(names.token()) && WriterLock.isHeld(names.lockFile(owner));
    }
}
