package io.github.gptmoe.train.checkpoint;

import io.github.gptmoe.core.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A checkpoint that was verified when it was handed out.
 *
 * @param folder where its files lie
 * @param manifest what they are
 */
public record Checkpoint(Path folder, CheckpointManifest manifest) {
    /**
     * Opens one of its files.
     *
     * @param name file name as in the manifest, for example {@code weights.safetensors}
     * @return the open file; the caller closes it
     * @throws CheckpointException if the checkpoint has no such file or it cannot be used
     */
    public SafetensorsFile openFile(String name) {
        Path file = folder.resolve(name);
        if (manifest.files().stream().noneMatch(entry -> entry.name().equals(name))) {
            throw new CheckpointException(
                    CheckpointException.Kind.NOT_FOUND, file, "the checkpoint's manifest lists no such file");
        }
        try {
            SafetensorsFile opened = SafetensorsFile.open(file);
            FileIdentity.of(opened).requireEqual(FileIdentity.of(manifest), file);
            return opened;
        } catch (IOException error) {
            throw new CheckpointException(
                    CheckpointException.Kind.DAMAGED, file, "cannot be used: " + error.getMessage(), error);
        }
    }
}
