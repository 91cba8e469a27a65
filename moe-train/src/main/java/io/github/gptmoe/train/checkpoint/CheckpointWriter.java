package io.github.gptmoe.train.checkpoint;

import io.github.gptmoe.core.safetensors.SafetensorsWriter;
import io.github.gptmoe.train.checkpoint.CheckpointVerifier.Depth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Writes a checkpoint under a temporary name and gives it its final one when it is complete and on the disk. */
final class CheckpointWriter {
    private static final SaveObserver NOT_OBSERVED = (point, path) -> {};

    private final CheckpointNames names;
    private final CheckpointVerifier verifier;
    private final SaveObserver observer;
    private final ManifestFile manifests = new ManifestFile();

    CheckpointWriter(CheckpointNames names, CheckpointVerifier verifier, SaveObserver observer) {
        this.names = names;
        this.verifier = verifier;
        this.observer = observer;
    }

    /** Returns the finished folder. If it fails, the temporary folder is gone and an older one has its name back. */
    Path write(CheckpointDescription description, List<CheckpointPart> parts) throws IOException {
        long step = description.state().step();
        Path temporary = names.temporary(step);
        try {
            Files.createDirectory(temporary);
            observer.reached(SavePoint.FOLDER_CREATED, temporary);
            List<FileEntry> files = new ArrayList<>();
            for (CheckpointPart part : parts) {
                files.add(writePart(temporary, part, description));
            }
            manifests.write(temporary, description.withFiles(files), observer);
            FolderTree.sync(temporary);
            observer.reached(SavePoint.FOLDER_SYNCED, temporary);
            verifier.verify(temporary, Depth.CHECKSUMS);
            observer.reached(SavePoint.VERIFIED, temporary);
            return publish(temporary, step);
        } catch (IOException | RuntimeException error) {
            cleanUp(temporary, error);
            throw error;
        }
    }

    private FileEntry writePart(Path folder, CheckpointPart part, CheckpointDescription description)
            throws IOException {
        Path file = folder.resolve(part.fileName());
        FileDigest digest = new FileDigest();
        SafetensorsWriter.write(file, part.stamped(description), part.tensors(), chunk -> {
            digest.write(chunk);
            observer.reached(SavePoint.CHUNK_WRITTEN, file);
        });
        observer.reached(SavePoint.FILE_SYNCED, file);
        return digest.entry(part.fileName());
    }

    private Path publish(Path temporary, long step) throws IOException {
        Path finished = names.finished(step);
        Path replaced = names.replaced(step);
        boolean replaces = Files.exists(finished);
        try {
            if (replaces) {
                // A folder cannot be renamed over another; under this name the old one still counts as a checkpoint.
                Files.move(finished, replaced, StandardCopyOption.ATOMIC_MOVE);
                observer.reached(SavePoint.OLD_MOVED_ASIDE, replaced);
            }
            Files.move(temporary, finished, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException error) {
            if (replaces && !Files.exists(finished)) {
                Files.move(replaced, finished, StandardCopyOption.ATOMIC_MOVE);
            }
            throw error;
        }
        observer.reached(SavePoint.RENAMED, finished);
        FolderTree.sync(names.root());
        observer.reached(SavePoint.PARENT_SYNCED, finished);
        return finished;
    }

    private static void cleanUp(Path temporary, Exception error) {
        try {
            FolderTree.delete(temporary, NOT_OBSERVED);
        } catch (IOException second) {
            // The next save sweeps it away.
            error.addSuppressed(second);
        }
    }
}
