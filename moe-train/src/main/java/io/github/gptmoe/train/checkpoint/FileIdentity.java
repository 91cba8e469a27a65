package io.github.gptmoe.train.checkpoint;

import io.github.gptmoe.core.safetensors.SafetensorsFile;
import java.nio.file.Path;
import java.util.Map;

/**
 * Which run and step a file belongs to.
 *
 * @param runId identity of the run, empty where the file does not say
 * @param step step as it is written in the file
 */
record FileIdentity(String runId, String step) {
    static FileIdentity of(SafetensorsFile file) {
        return of(file.metadata());
    }

    static FileIdentity of(Map<String, String> metadata) {
        return new FileIdentity(
                metadata.getOrDefault(CheckpointPart.RUN_ID, ""), metadata.getOrDefault(CheckpointPart.STEP, ""));
    }

    static FileIdentity of(CheckpointManifest manifest) {
        return new FileIdentity(manifest.runId(), Long.toString(manifest.state().step()));
    }

    void requireEqual(FileIdentity expected, Path file) {
        if (!equals(expected)) {
            throw new CheckpointException(
                    CheckpointException.Kind.DAMAGED,
                    file,
                    "belongs to " + this + ", the checkpoint to " + expected
                            + "; files of different checkpoints must not be mixed; "
                            + CheckpointVerifier.REMEDY);
        }
    }

    @Override
    public String toString() {
        return "run '" + runId + "' step '" + step + "'";
    }
}
