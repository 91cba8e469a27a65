package io.github.gptmoe.train.checkpoint;

import io.github.gptmoe.core.safetensors.SafetensorsWriter;
import io.github.gptmoe.core.safetensors.ShardIndex;
import io.github.gptmoe.core.safetensors.ShardSplit;
import io.github.gptmoe.core.safetensors.TensorSource;
import io.github.gptmoe.train.checkpoint.CheckpointVerifier.Depth;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a checkpoint under a temporary name and gives it its final one when it is complete and on the disk. */
final class CheckpointWriter {
    private static final SaveObserver NOT_OBSERVED = (point, path) -> {};

    private final CheckpointNames names;
    private final CheckpointVerifier verifier;
    private final SaveObserver observer;
    private final Runnable progress;
    private final long shardBytes;
    private final ManifestFile manifests = new ManifestFile();

    /** {@code progress} runs after every step and with every MiB that is written or read. */
    CheckpointWriter(
            CheckpointNames names,
            CheckpointVerifier verifier,
            SaveObserver observer,
            Runnable progress,
            long shardBytes) {
        this.names = names;
        this.verifier = verifier;
        this.observer = observer.with(progress);
        this.progress = progress;
        this.shardBytes = shardBytes;
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
                files.addAll(writePart(temporary, part, description));
            }
            manifests.write(temporary, description.withFiles(files), observer);
            FolderTree.sync(temporary);
            observer.reached(SavePoint.FOLDER_SYNCED, temporary);
            verifier.verify(temporary, Depth.CHECKSUMS, progress);
            observer.reached(SavePoint.VERIFIED, temporary);
            return publish(temporary, step);
        } catch (IOException | RuntimeException error) {
            cleanUp(temporary, error);
            throw error;
        }
    }

    private List<FileEntry> writePart(Path folder, CheckpointPart part, CheckpointDescription description)
            throws IOException {
        Map<String, String> metadata = part.stamped(description);
        ShardSplit split = part.split(description, shardBytes);
        List<FileEntry> files = new ArrayList<>();
        for (int shard = 0; shard < split.shards().size(); shard++) {
            files.add(writeFile(
                    folder, split.fileName(shard), metadata, split.shards().get(shard)));
        }
        if (split.isSplit()) {
            files.add(writeIndex(
                    folder,
                    ShardIndex.indexName(part.fileName()),
                    split.index(metadata).encode()));
        }
        return files;
    }

    private FileEntry writeFile(Path folder, String name, Map<String, String> metadata, List<TensorSource> tensors)
            throws IOException {
        Path file = folder.resolve(name);
        FileDigest digest = new FileDigest();
        SafetensorsWriter.write(file, metadata, tensors, chunk -> {
            digest.write(chunk);
            observer.reached(SavePoint.CHUNK_WRITTEN, file);
        });
        observer.reached(SavePoint.FILE_SYNCED, file);
        return digest.entry(name);
    }

    private FileEntry writeIndex(Path folder, String name, byte[] content) throws IOException {
        Path file = folder.resolve(name);
        FileDigest digest = new FileDigest();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int begin = 0; begin < content.length; begin += FileEntry.CHUNK_BYTES) {
                ByteBuffer chunk =
                        ByteBuffer.wrap(content, begin, Math.min(FileEntry.CHUNK_BYTES, content.length - begin));
                digest.write(chunk.duplicate());
                while (chunk.hasRemaining()) {
                    channel.write(chunk);
                }
                observer.reached(SavePoint.CHUNK_WRITTEN, file);
            }
            channel.force(true);
        }
        observer.reached(SavePoint.FILE_SYNCED, file);
        return digest.entry(name);
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
