package io.github.gptmoe.train.checkpoint;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the caller of a save says about the checkpoint; the store adds the files and makes the manifest of it.
 *
 * @param runId identity of the run, equal in all its checkpoints
 * @param state counters and cursors
 * @param configHash hash of the resolved configuration
 * @param dataFingerprint fingerprint of the training data
 * @param versions versions of what produced the checkpoint: program, libraries, commit
 */
public record CheckpointDescription(
        String runId, TrainingState state, String configHash, String dataFingerprint, Map<String, String> versions) {
    /**
     * Checks the run id and copies the map.
     *
     * @param runId identity of the run
     * @param state counters and cursors
     * @param configHash hash of the resolved configuration
     * @param dataFingerprint fingerprint of the training data
     * @param versions versions of what produced the checkpoint
     */
    public CheckpointDescription {
        if (runId.isBlank()) {
            throw new IllegalArgumentException("a checkpoint needs a run id");
        }
        versions = Collections.unmodifiableMap(new TreeMap<>(versions));
    }

    CheckpointManifest withFiles(List<FileEntry> files) {
        boolean split = files.stream().anyMatch(FileEntry::isIndex);
        return new CheckpointManifest(
                split ? CheckpointManifest.FORMAT_VERSION : CheckpointManifest.UNSPLIT_VERSION,
                runId,
                state,
                configHash,
                dataFingerprint,
                versions,
                files);
    }
}
