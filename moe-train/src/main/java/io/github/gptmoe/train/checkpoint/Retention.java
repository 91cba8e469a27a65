package io.github.gptmoe.train.checkpoint;

import io.github.gptmoe.train.checkpoint.CheckpointVerifier.Depth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes old checkpoints, but only as many as there are newer ones that verify. */
final class Retention {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    private final CheckpointNames names;
    private final int keepLast;
    private final CheckpointVerifier verifier;
    private final SaveObserver observer;

    /** Folders whose every byte this process has checked; for these, sizes are enough from then on. */
    private final Set<Path> verified = new HashSet<>();

    Retention(CheckpointNames names, int keepLast, CheckpointVerifier verifier, SaveObserver observer) {
        this.names = names;
        this.keepLast = keepLast;
        this.verifier = verifier;
        this.observer = observer;
    }

    /**
     * Purges, oldest first; the checkpoint just saved stays in any case, even if later steps exist. {@code progress} runs with
     * every MiB that is read and every file that is deleted.
     */
    void purge(Path justSaved, Runnable progress) {
        verified.add(justSaved);
        try {
            List<CheckpointNames.Candidate> surplus = surplus(justSaved, progress);
            Collections.reverse(surplus);
            for (CheckpointNames.Candidate candidate : surplus) {
                discard(candidate.path(), candidate.step(), progress);
            }
        } catch (IOException error) {
            // The new checkpoint is safe; too many old ones are no reason to report a failed save.
            LOG.warn("Cannot purge old checkpoints in {}: {}", names.root(), error.getMessage());
        }
    }

    /** Renames first, so that a half-deleted folder never has the name of a checkpoint. */
    void discard(Path folder, long step, Runnable progress) throws IOException {
        SaveObserver watched = observer.with(progress);
        Path trash = names.trash(step);
        FolderTree.delete(trash, watched);
        Files.move(folder, trash, StandardCopyOption.ATOMIC_MOVE);
        verified.remove(folder);
        watched.reached(SavePoint.MOVED_TO_TRASH, trash);
        FolderTree.delete(trash, watched);
    }

    private List<CheckpointNames.Candidate> surplus(Path justSaved, Runnable progress) throws IOException {
        List<CheckpointNames.Candidate> surplus = new ArrayList<>();
        int sound = 1;
        for (CheckpointNames.Candidate candidate : names.candidates()) {
            if (candidate.path().equals(justSaved)) {
                continue;
            }
            if (sound >= keepLast) {
                surplus.add(candidate);
            } else if (isSound(candidate.path(), progress)) {
                sound++;
            }
        }
        return surplus;
    }

    private boolean isSound(Path folder, Runnable progress) {
        try {
            verifier.verify(folder, verified.contains(folder) ? Depth.SIZES : Depth.CHECKSUMS, progress);
            verified.add(folder);
            return true;
        } catch (CheckpointException damaged) {
            LOG.warn("A damaged checkpoint does not count as kept: {}", damaged.getMessage());
            return false;
        }
    }
}
