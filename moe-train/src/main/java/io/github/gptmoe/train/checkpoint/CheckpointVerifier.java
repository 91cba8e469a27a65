package io.github.gptmoe.train.checkpoint;

import io.github.gptmoe.core.safetensors.SafetensorsFile;
import io.github.gptmoe.core.safetensors.ShardIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Decides whether a folder is a sound checkpoint, and says which bytes of which file are not. */
final class CheckpointVerifier {
    static final String REMEDY =
            "restore it from a copy, or continue with --resume auto from the newest checkpoint that verifies";

    private static final int READ_ATTEMPTS = 3;

    private final ManifestFile manifests = new ManifestFile();

    /** How much of the files is looked at. */
    enum Depth {
        /** The manifest, and that all files are there in full size. */
        SIZES,
        /** Also the CRC of every MiB, and that each file is of this run and step: finds all accidental damage. */
        CHECKSUMS,
        /** Also the SHA-256 of every file, which somebody who changes a file on purpose cannot keep. */
        DIGESTS
    }

    Checkpoint verify(Path folder, Depth depth) {
        return verify(folder, depth, () -> {});
    }

    /** Runs {@code progress} after every MiB. */
    Checkpoint verify(Path folder, Depth depth, Runnable progress) {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(
                    CheckpointException.Kind.NOT_FOUND,
                    folder,
                    "is not a folder; give the path of a checkpoint folder");
        }
        CheckpointManifest manifest = manifests.read(folder);
        OptionalLong named = CheckpointNames.finishedStep(folder);
        if (named.isPresent() && named.getAsLong() != manifest.state().step()) {
            throw damaged(
                    folder.resolve(ManifestFile.NAME),
                    "belongs to step " + manifest.state().step() + ", not to the step of its folder",
                    null);
        }
        for (FileEntry entry : manifest.files()) {
            Path file = folder.resolve(entry.name());
            try {
                checkFile(file, entry, manifest, depth, progress);
            } catch (IOException error) {
                throw damaged(file, "cannot be read: " + error.getMessage(), error);
            }
        }
        Checkpoint checkpoint = new Checkpoint(folder, manifest);
        if (depth != Depth.SIZES) {
            checkIndexes(checkpoint);
        }
        return checkpoint;
    }

    /** Only after all files: a damaged one is better called that than at odds with its index. */
    private static void checkIndexes(Checkpoint checkpoint) {
        for (FileEntry entry : checkpoint.manifest().files()) {
            if (entry.isIndex()) {
                Path index = checkpoint.folder().resolve(entry.name());
                try {
                    checkpoint.openIndex(index).close();
                } catch (IOException error) {
                    throw damaged(index, "cannot be used: " + error.getMessage(), error);
                }
            }
        }
    }

    private static void checkFile(
            Path file, FileEntry entry, CheckpointManifest manifest, Depth depth, Runnable progress)
            throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw damaged(file, "is missing or not a plain file", null);
        }
        if (depth == Depth.SIZES) {
            checkSize(file, entry, Files.size(file));
            return;
        }
        // First of all, because a file of another checkpoint is better called that than damaged.
        @Nullable IOException headerError = checkIdentity(file, entry, manifest);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            checkSize(file, entry, channel.size());
            checkContent(file, entry, channel, depth, progress);
        }
        if (headerError != null) {
            throw damaged(file, "has matching checksums but cannot be used: " + headerError.getMessage(), headerError);
        }
    }

    private static @Nullable IOException checkIdentity(Path file, FileEntry entry, CheckpointManifest manifest) {
        try {
            identity(file, entry).requireEqual(FileIdentity.of(manifest), file);
            return null;
        } catch (IOException error) {
            return error;
        }
    }

    private static FileIdentity identity(Path file, FileEntry entry) throws IOException {
        if (entry.isIndex()) {
            return FileIdentity.of(ShardIndex.read(file).metadata());
        }
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return FileIdentity.of(opened);
        }
    }

    private static void checkSize(Path file, FileEntry entry, long size) {
        if (size < entry.bytes()) {
            throw damaged(
                    file,
                    "has " + size + " of " + entry.bytes() + " bytes: bytes " + size + " to " + (entry.bytes() - 1)
                            + " are missing",
                    null);
        }
        if (size > entry.bytes()) {
            throw damaged(
                    file,
                    "has " + size + " instead of " + entry.bytes() + " bytes: bytes " + entry.bytes() + " to "
                            + (size - 1) + " do not belong there",
                    null);
        }
    }

    private static void checkContent(Path file, FileEntry entry, FileChannel channel, Depth depth, Runnable progress)
            throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(FileEntry.CHUNK_BYTES);
        CRC32C crc = new CRC32C();
        MessageDigest sha256 = FileDigest.newSha256();
        for (int i = 0; i < entry.crc32c().size(); i++) {
            long begin = (long) i * FileEntry.CHUNK_BYTES;
            long end = Math.min(begin + FileEntry.CHUNK_BYTES, entry.bytes());
            read(channel, chunk.clear().limit((int) (end - begin)), begin);
            chunk.flip();
            if (depth == Depth.DIGESTS) {
                sha256.update(chunk.duplicate());
            }
            crc.reset();
            crc.update(chunk);
            if (crc.getValue() != entry.crc32c().get(i)) {
                throw damaged(file, "is damaged between bytes " + begin + " and " + (end - 1), null);
            }
            progress.run();
        }
        if (depth == Depth.DIGESTS && !HexFormat.of().formatHex(sha256.digest()).equals(entry.sha256())) {
            throw damaged(file, "does not have the SHA-256 of the manifest: bytes 0 to " + (entry.bytes() - 1), null);
        }
    }

    /** Fills the buffer; a read error may pass (network storage), so it counts only when it repeats. */
    private static void read(FileChannel channel, ByteBuffer chunk, long begin) throws IOException {
        int failures = 0;
        while (chunk.hasRemaining()) {
            try {
                if (channel.read(chunk, begin + chunk.position()) < 0) {
                    throw new IOException("the file ended at byte " + (begin + chunk.position()));
                }
            } catch (IOException error) {
                if (++failures == READ_ATTEMPTS) {
                    throw new IOException(
                            "bytes from " + (begin + chunk.position()) + " on: " + error.getMessage(), error);
                }
            }
        }
    }

    private static CheckpointException damaged(Path file, String what, @Nullable Throwable cause) {
        return new CheckpointException(CheckpointException.Kind.DAMAGED, file, what + "; " + REMEDY, cause);
    }
}
