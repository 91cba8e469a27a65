package io.github.gptmoe.train.checkpoint;

import io.github.gptmoe.core.safetensors.SafetensorsFile;
import io.github.gptmoe.core.safetensors.ShardIndex;
import io.github.gptmoe.core.safetensors.TensorFiles;
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
        if (!lists(name)) {
            throw notListed(file);
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

    /**
     * Opens one of its sets of tensors, in however many files it was saved.
     *
     * @param name name of the part that was saved, for example {@code weights.safetensors}
     * @return the open files; the caller closes them
     * @throws CheckpointException if the checkpoint has no such part or it cannot be used
     */
    public TensorFiles openTensors(String name) {
        if (lists(name)) {
            return TensorFiles.of(openFile(name));
        }
        if (!lists(ShardIndex.indexName(name))) {
            throw notListed(folder.resolve(name));
        }
        return openIndex(folder.resolve(ShardIndex.indexName(name)));
    }

    /** Opens the files of an index that the manifest lists, and checks that they belong together. */
    TensorFiles openIndex(Path index) {
        try {
            TensorFiles files = TensorFiles.openIndex(index);
            try {
                requireOwn(index, files);
                return files;
            } catch (RuntimeException foreign) {
                files.close();
                throw foreign;
            }
        } catch (IOException error) {
            throw new CheckpointException(
                    CheckpointException.Kind.DAMAGED,
                    index,
                    "cannot be used: " + error.getMessage() + "; " + CheckpointVerifier.REMEDY,
                    error);
        }
    }

    private void requireOwn(Path index, TensorFiles files) {
        FileIdentity own = FileIdentity.of(manifest);
        FileIdentity.of(files.index().orElseThrow().metadata()).requireEqual(own, index);
        for (SafetensorsFile file : files.files()) {
            if (!lists(String.valueOf(file.path().getFileName()))) {
                throw notListed(file.path());
            }
            FileIdentity.of(file).requireEqual(own, file.path());
        }
    }

    private boolean lists(String name) {
        return manifest.files().stream().anyMatch(entry -> entry.name().equals(name));
    }

    private static CheckpointException notListed(Path file) {
        return new CheckpointException(
                CheckpointException.Kind.NOT_FOUND, file, "the checkpoint's manifest lists no such file");
    }
}
