package io.github.gptmoe.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The name of a packed corpus in the cache: a hash over everything that decides its bytes. A file of up to 64 MiB counts
 * by its whole content; a larger one by size, time of change and its first and last MiB, so that a run over a large
 * corpus starts at once.
 */
final class CorpusKey {
    static final long WHOLE_FILE_BYTES = 64 << 20;
    private static final int SAMPLE_BYTES = 1 << 20;

    private final List<Seen> seen = new ArrayList<>();
    private final SettingsDigest digest = new SettingsDigest();
    private final String value;

    private record Seen(Path path, long size, FileTime changed, CorpusMeta.Source source) {}

    CorpusKey(DataConfig config, List<Path> train, List<Path> validation, Tokenizer tokenizer, long maxShardBytes) {
        digest.add("format", CorpusMeta.FORMAT_VERSION);
        digest.add("tokenizer", tokenizer.fingerprint());
        digest.add("vocabulary", tokenizer.vocabularySize());
        digest.add("endOfDocument", tokenizer.endOfDocument());
        digest.add("badRows", config.badRows());
        digest.add("shardBytes", maxShardBytes);
        digest.add("validationFraction", validation.isEmpty() ? config.validationFraction() : "files");
        train.forEach(file -> addFile(TokenShards.TRAIN, file));
        validation.forEach(file -> addFile(TokenShards.VALIDATION, file));
        value = digest.value().substring(0, 32);
    }

    String value() {
        return value;
    }

    List<CorpusMeta.Source> sources() {
        return seen.stream().map(Seen::source).toList();
    }

    long sourceBytes() {
        return seen.stream().mapToLong(Seen::size).sum();
    }

    /** Fails when a file has changed since this key was made, because the packed tokens would not be what it names. */
    void requireUnchanged() {
        for (Seen file : seen) {
            try {
                boolean same = Files.size(file.path()) == file.size()
                        && Files.getLastModifiedTime(file.path()).equals(file.changed());
                if (!same) {
                    throw InputException.environment(
                            file.path() + ": changed while it was read; wait until its writer is done and start again");
                }
            } catch (IOException failed) {
                throw DocumentReader.unreadable(file.path(), failed);
            }
        }
    }

    private void addFile(String role, Path path) {
        try {
            long size = Files.size(path);
            FileTime changed = Files.getLastModifiedTime(path);
            String hash = size <= WHOLE_FILE_BYTES ? "sha256:" + Hashes.sha256(path) : hashEnds(path, size, changed);
            String name = String.valueOf(path.getFileName());
            digest.add(role, name);
            digest.add(role, hash);
            // Forward slashes keep meta.json equal on every system.
            String shown = path.toString().replace('\\', '/');
            seen.add(new Seen(path, size, changed, new CorpusMeta.Source(role, shown, size, hash)));
        } catch (IOException failed) {
            throw DocumentReader.unreadable(path, failed);
        }
    }

    private static String hashEnds(Path path, long size, FileTime changed) throws IOException {
        MessageDigest ends = Hashes.sha256();
        ends.update((size + " " + changed.toMillis()).getBytes(UTF_8));
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            for (long start : new long[] {0, size - SAMPLE_BYTES}) {
                ByteBuffer sample = ByteBuffer.allocate(SAMPLE_BYTES);
                while (sample.hasRemaining() && channel.read(sample, start + sample.position()) >= 0) {
                    // Reads until the sample is full.
                }
                ends.update(sample.flip());
            }
        }
        return "ends:" + HexFormat.of().formatHex(ends.digest());
    }
}
