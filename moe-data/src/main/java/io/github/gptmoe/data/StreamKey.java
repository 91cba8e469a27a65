package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * The fingerprint of a streamed corpus: a hash over everything that decides its samples, without reading it. A file counts by its
 * name, its size and 4 KiB at its start, middle and end; times do not count, so that a copy is the same corpus.
 */
final class StreamKey {
    static final String PREFIX = "stream-";

    private static final int FORMAT_VERSION = 1;
    private static final int SAMPLE_BYTES = 1 << 12;

    private StreamKey() {}

    static String of(
            DataConfig config, List<Path> train, List<Path> validation, Tokenizer tokenizer, StreamSettings settings) {
        SettingsDigest digest = new SettingsDigest();
        digest.add("stream", FORMAT_VERSION);
        digest.add("blockBytes", settings.blockBytes());
        digest.add("blocksPerGroup", settings.blocksPerGroup());
        digest.add("tokenizer", tokenizer.fingerprint());
        digest.add("vocabulary", tokenizer.vocabularySize());
        digest.add("endOfDocument", tokenizer.endOfDocument());
        digest.add("badRows", config.badRows());
        digest.add("validationFraction", validation.isEmpty() ? config.validationFraction() : "files");
        train.forEach(file -> add(digest, TokenShards.TRAIN, file));
        validation.forEach(file -> add(digest, TokenShards.VALIDATION, file));
        return PREFIX + digest.value();
    }

    private static void add(SettingsDigest digest, String role, Path file) {
        digest.add(role, file.getFileName());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            digest.add("bytes", size);
            MessageDigest samples = Hashes.sha256();
            for (long start : new long[] {0, (size - SAMPLE_BYTES) / 2, size - SAMPLE_BYTES}) {
                ByteBuffer sample = ByteBuffer.allocate(SAMPLE_BYTES);
                long from = Math.max(0, start);
                while (sample.hasRemaining() && channel.read(sample, from + sample.position()) >= 0) {
                    // Reads until the sample is full.
                }
                samples.update(sample.flip());
            }
            digest.add("samples", HexFormat.of().formatHex(samples.digest()));
        } catch (IOException failed) {
            throw DocumentReader.unreadable(file, failed);
        }
    }
}
