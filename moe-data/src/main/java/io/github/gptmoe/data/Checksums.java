package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** Reads files to see whether they are what was written. */
final class Checksums {
    private static final int BUFFER_BYTES = 1 << 20;

    private Checksums() {}

    /** CRC-32C of a file, as eight hexadecimal digits. */
    static String crc32c(Path file) throws IOException {
        CRC32C checksum = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (channel.read(buffer) >= 0) {
                buffer.flip();
                checksum.update(buffer);
                buffer.clear();
            }
        }
        return Hashes.text(checksum);
    }
}
