package io.github.gptmoe.train.checkpoint;

import io.github.gptmoe.core.safetensors.ByteSink;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/** Checksums of a file whose bytes pass by in chunks of 1 MiB, the last one shorter. */
final class FileDigest implements ByteSink {
    private final MessageDigest sha256 = newSha256();
    private final CRC32C crc = new CRC32C();
    private final List<Long> crc32c = new ArrayList<>();
    private long bytes;

    @Override
    public void write(ByteBuffer chunk) {
        bytes += chunk.remaining();
        sha256.update(chunk.duplicate());
        crc.reset();
        crc.update(chunk);
        crc32c.add(crc.getValue());
    }

    FileEntry entry(String name) {
        return new FileEntry(name, bytes, HexFormat.of().formatHex(sha256.digest()), crc32c);
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException error) {
            throw new IllegalStateException("every Java platform has SHA-256", error);
        }
    }
}
