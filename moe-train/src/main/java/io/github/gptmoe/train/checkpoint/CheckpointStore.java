package io.github.gptmoe.train.checkpoint;

import io.github.gptmoe.core.safetensors.SafetensorsWriter;
import io.github.gptmoe.core.safetensors.ShardSplit;
import io.github.gptmoe.core.safetensors.TensorSource;
import io.github.gptmoe.train.checkpoint.CheckpointVerifier.Depth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one run, in one folder.
 *
 * <p>One process saves at a time (it holds the {@link RunLock}); any number may read. Within a process, use one store
 * for a folder. Steps order checkpoints: the newest is the one with the highest step.
 */
public final class CheckpointStore {
    /** The smallest number of checkpoints that may be kept: with one, a damaged disk block would end a run. */
    public static final int MIN_KEEP_LAST = 2;

    /** Largest size of a file unless another is asked for: 4 GiB. */
    public static final long USUAL_SHARD_BYTES = 4L << 30;

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
    private static final long RESERVE_BYTES = 1L << 20;
    private static final int RESERVE_FRACTION = 100;
    private static final int TOKEN_LENGTH = 8;

    private final CheckpointNames names;
    private final SaveObserver observer;
    private final SpaceProbe spaceProbe;
    private final long shardBytes;
    private final CheckpointVerifier verifier = new CheckpointVerifier();
    private final Retention retention;

    /**
     * Creates a store; nothing on the disk changes before the first save.
     *
     * @param checkpointsFolder the run's {@code checkpoints} folder; made by the first save
     * @param keepLast sound checkpoints to keep, at least {@link #MIN_KEEP_LAST}
     */
    public CheckpointStore(Path checkpointsFolder, int keepLast) {
        this(checkpointsFolder, keepLast, USUAL_SHARD_BYTES);
    }

    /**
     * Creates a store that spreads large parts over several files; nothing on the disk changes before the first save.
     *
     * @param checkpointsFolder the run's {@code checkpoints} folder; made by the first save
     * @param keepLast sound checkpoints to keep, at least {@link #MIN_KEEP_LAST}
     * @param shardBytes largest size of a file with more than one tensor, at least 1
     */
    public CheckpointStore(Path checkpointsFolder, int keepLast, long shardBytes) {
        this(
                checkpointsFolder,
                keepLast,
                shardBytes,
                (point, path) -> {},
                folder -> Files.getFileStore(folder).getUsableSpace());
    }

    CheckpointStore(Path checkpointsFolder, int keepLast, SaveObserver observer, SpaceProbe spaceProbe) {
        this(checkpointsFolder, keepLast, USUAL_SHARD_BYTES, observer, spaceProbe);
    }

    CheckpointStore(
            Path checkpointsFolder, int keepLast, long shardBytes, SaveObserver observer, SpaceProbe spaceProbe) {
        if (keepLast < MIN_KEEP_LAST) {
            throw new IllegalArgumentException("checkpoint.keepLast is " + keepLast + ", must be at least "
                    + MIN_KEEP_LAST + ": a run must survive the damage of one checkpoint");
        }
        if (shardBytes < 1) {
            throw new IllegalArgumentException("checkpoint.shardBytes is " + shardBytes + ", must be at least 1");
        }
        String token = UUID.randomUUID().toString().substring(0, TOKEN_LENGTH);
        this.names = new CheckpointNames(checkpointsFolder, token);
        this.observer = observer;
        this.spaceProbe = spaceProbe;
        this.shardBytes = shardBytes;
        this.retention = new Retention(names, keepLast, verifier, observer);
    }

    /**
     * Saves a checkpoint. When the call returns it is on the disk under its final name, was read back, and surplus old
     * ones are gone. A checkpoint of the same step is replaced; it stays usable until the new one has its name.
     *
     * @param description run, state and fingerprints
     * @param parts what to write, with distinct names
     * @return the checkpoint's folder
     * @throws DiskSpaceException if the disk has too little room; nothing was written
     * @throws CheckpointException if the save failed; {@link CheckpointException#trainingMayContinue} is true and
     *     earlier checkpoints are as they were
     */
    public Path save(CheckpointDescription description, List<CheckpointPart> parts) {
        return save(description, parts, () -> {});
    }

    /**
     * Saves a checkpoint as {@link #save(CheckpointDescription, List)} does, and reports that it goes on: what is written is
     * read back, older checkpoints may be, and some are deleted, which together takes longer than writing.
     *
     * @param description run, state and fingerprints
     * @param parts what to write, with distinct names
     * @param progress runs on the calling thread, with every MiB that was written or read and every other step on the disk;
     *     what it throws ends the save
     * @return the checkpoint's folder
     * @throws DiskSpaceException if the disk has too little room; nothing was written
     * @throws CheckpointException if the save failed
     */
    public synchronized Path save(CheckpointDescription description, List<CheckpointPart> parts, Runnable progress) {
        long neededBytes = neededBytes(description, parts);
        try {
            createRoot();
            try (WriterLock lock = WriterLock.acquire(names.lockFile(names.token()))) {
                try {
                    return saveLocked(description, parts, neededBytes, progress);
                } finally {
                    lock.deleteFile();
                }
            }
        } catch (IOException | UncheckedIOException error) {
            throw saveFailed(description, neededBytes, error);
        }
    }

    /**
     * Finds the checkpoint to resume from: the newest one whose every byte verifies.
     *
     * @param warnings told about each newer checkpoint that was skipped, and why
     * @return the checkpoint, or nothing where no save was ever finished
     * @throws CheckpointException if there are checkpoints but none can be used: to start over is then for a person to
     *     decide
     */
    public Optional<Checkpoint> newestValid(Consumer<String> warnings) {
        List<CheckpointNames.Candidate> candidates = candidates();
        for (CheckpointNames.Candidate candidate : candidates) {
            try {
                return Optional.of(verifier.verify(candidate.path(), Depth.CHECKSUMS));
            } catch (CheckpointException unusable) {
                warnings.accept("skipped checkpoint " + candidate.path() + ": " + unusable.getMessage());
            }
        }
        if (!candidates.isEmpty()) {
            throw new CheckpointException(
                    CheckpointException.Kind.DAMAGED,
                    names.root(),
                    "none of the " + candidates.size() + " checkpoints here can be used; restore one from a copy, or"
                            + " start over with --resume never and another --out");
        }
        return Optional.empty();
    }

    /**
     * Opens a checkpoint that somebody asked for by name; unlike {@link #newestValid} it never takes another one.
     *
     * @param explicit a checkpoint folder, of this store or not
     * @return the verified checkpoint
     * @throws CheckpointException if it is damaged, naming the file and the range of bytes, or not a checkpoint
     */
    public Checkpoint open(Path explicit) {
        return verifier.verify(explicit, Depth.CHECKSUMS);
    }

    /**
     * Opens a checkpoint that another process has just verified: its manifest is read, and all files are there in full size.
     *
     * @param verified path of the checkpoint folder
     * @return the checkpoint
     * @throws CheckpointException if that is not so, as where this process sees another disk
     */
    public Checkpoint openVerified(Path verified) {
        return verifier.verify(verified, Depth.SIZES);
    }

    /**
     * Lists the finished checkpoints, sound or not.
     *
     * @return folders, newest first
     */
    public List<Path> list() {
        List<Path> paths = new ArrayList<>();
        Set<Long> steps = new HashSet<>();
        for (CheckpointNames.Candidate candidate : candidates()) {
            // A replaced folder comes second and counts only while the new one has no name yet.
            if (steps.add(candidate.step())) {
                paths.add(candidate.path());
            }
        }
        return List.copyOf(paths);
    }

    /**
     * Checks a checkpoint more thoroughly than a resume does: every CRC and every SHA-256.
     *
     * @param folder a checkpoint folder, of this store or not
     * @throws CheckpointException if it is damaged, naming the file and the range of bytes, or not a checkpoint
     */
    public void verify(Path folder) {
        verifier.verify(folder, Depth.DIGESTS);
    }

    private Path saveLocked(
            CheckpointDescription description, List<CheckpointPart> parts, long neededBytes, Runnable progress)
            throws IOException {
        new LeftoverSweep(names, observer.with(progress)).run();
        long freeBytes = spaceProbe.usableBytes(names.root());
        if (freeBytes < neededBytes) {
            throw new DiskSpaceException(names.root(), neededBytes, freeBytes);
        }
        Path saved = writeOrExplain(description, parts, progress);
        discardReplaced(description.state().step(), progress);
        retention.purge(saved, progress);
        return saved;
    }

    private Path writeOrExplain(CheckpointDescription description, List<CheckpointPart> parts, Runnable progress)
            throws IOException {
        try {
            return new CheckpointWriter(names, verifier, observer, progress, shardBytes).write(description, parts);
        } catch (CheckpointException unreadable) {
            throw new IOException("what was written does not read back: " + unreadable.getMessage(), unreadable);
        }
    }

    private void discardReplaced(long step, Runnable progress) {
        Path replaced = names.replaced(step);
        try {
            if (Files.exists(replaced)) {
                retention.discard(replaced, step, progress);
            }
        } catch (IOException error) {
            LOG.warn("Cannot remove the replaced checkpoint {}: {}", replaced, error.getMessage());
        }
    }

    private void createRoot() throws IOException {
        if (!Files.isDirectory(names.root())) {
            Files.createDirectories(names.root());
            Path parent = names.root().toAbsolutePath().getParent();
            if (parent != null) {
                FolderTree.sync(parent);
            }
        }
    }

    private long neededBytes(CheckpointDescription description, List<CheckpointPart> parts) {
        Set<String> fileNames = new HashSet<>();
        long bytes = RESERVE_BYTES;
        for (CheckpointPart part : parts) {
            if (!fileNames.add(part.fileName().toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("two parts are called " + part.fileName());
            }
            try {
                bytes += bytes(part.split(description, shardBytes), part.stamped(description));
            } catch (IOException error) {
                // Not the disk's fault: the caller asks for a file that cannot exist.
                throw new IllegalArgumentException(part.fileName() + ": " + error.getMessage(), error);
            }
        }
        return bytes + bytes / RESERVE_FRACTION;
    }

    private static long bytes(ShardSplit split, Map<String, String> metadata) throws IOException {
        long bytes = split.isSplit() ? split.index(metadata).encode().length : 0;
        for (List<TensorSource> shard : split.shards()) {
            bytes += SafetensorsWriter.byteCount(metadata, shard);
        }
        return bytes;
    }

    private CheckpointException saveFailed(CheckpointDescription description, long neededBytes, Exception error) {
        return new CheckpointException(
                CheckpointException.Kind.SAVE_FAILED,
                names.finished(description.state().step()),
                "could not be saved (it needs " + neededBytes + " bytes, " + freeSpace() + "): " + error.getMessage()
                        + "; earlier checkpoints are as they were; check the disk",
                error);
    }

    private String freeSpace() {
        try {
            return "the disk has " + spaceProbe.usableBytes(names.root()) + " free";
        } catch (IOException error) {
            return "its free space is unknown";
        }
    }

    private List<CheckpointNames.Candidate> candidates() {
        try {
            return names.candidates();
        } catch (IOException | UncheckedIOException error) {
            throw new CheckpointException(
                    CheckpointException.Kind.NOT_FOUND,
                    names.root(),
                    "cannot be listed: " + error.getMessage() + "; check the folder and its permissions",
                    error);
        }
    }
}
