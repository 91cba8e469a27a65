package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** A new file of little-endian numbers, with a checksum. */
final class LittleEndianFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 18;

    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C checksum = new CRC32C();
    private long bytes;

    /** Replaces what is there. */
    LittleEndianFile(Path file) throws IOException {
        channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    void putShort(int value) throws IOException {
        room(Short.BYTES);
        buffer.putShort((short) value);
    }

    void putInt(int value) throws IOException {
        room(Integer.BYTES);
        buffer.putInt(value);
    }

    void putLong(long value) throws IOException {
        room(Long.BYTES);
        buffer.putLong(value);
    }

    /** Writes what is buffered and returns once it is on the disk. */
    void force() throws IOException {
        drain();
        channel.force(true);
    }

    /** Bytes that have been put. */
    long bytes() {
        return bytes + buffer.position();
    }

    /** CRC-32C of all bytes, after {@link #force()}. */
    String checksum() {
        return Hashes.text(checksum);
    }

    private void room(int needed) throws IOException {
        if (buffer.remaining() < needed) {
            drain();
        }
    }

    private void drain() throws IOException {
        checksum.update(buffer.array(), 0, buffer.position());
        bytes += buffer.position();
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
