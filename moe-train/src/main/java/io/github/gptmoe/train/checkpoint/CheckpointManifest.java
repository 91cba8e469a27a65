package io.github.gptmoe.train.checkpoint;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Contents of {@code manifest.json}, the file that is written last and makes a folder a checkpoint.
 *
 * @param formatVersion version of the layout, in what this program writes 1, or 2 where tensors are spread over several files
 * @param runId identity of the run
 * @param state counters and cursors
 * @param configHash hash of the resolved configuration
 * @param dataFingerprint fingerprint of the training data
 * @param versions versions of what produced the checkpoint
 * @param files all other files of the checkpoint
 */
public record CheckpointManifest(
        int formatVersion,
        String runId,
        TrainingState state,
        String configHash,
        String dataFingerprint,
        Map<String, String> versions,
        List<FileEntry> files) {
    /** Highest version of the layout that this program writes; it reads this and all earlier ones. */
    public static final int FORMAT_VERSION = 2;

    /** Version of a checkpoint without an index, which programs that know no other read too. */
    static final int UNSPLIT_VERSION = 1;

    /**
     * Checks the fields and copies the collections.
     *
     * @param formatVersion version of the layout
     * @param runId identity of the run
     * @param state counters and cursors
     * @param configHash hash of the resolved configuration
     * @param dataFingerprint fingerprint of the training data
     * @param versions versions of what produced the checkpoint
     * @param files all other files of the checkpoint
     */
    public CheckpointManifest {
        // A manifest is read from a file, where any field may be null.
        Objects.requireNonNull(runId, "runId");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(configHash, "configHash");
        Objects.requireNonNull(dataFingerprint, "dataFingerprint");
        versions = Collections.unmodifiableMap(new TreeMap<>(versions));
        files = List.copyOf(files);
        Set<String> names = new HashSet<>();
        for (FileEntry file : files) {
            // Case folded: two such names would be one file where the file system ignores case.
            if (!names.add(file.name().toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("two files are called " + file.name());
            }
        }
    }
}
