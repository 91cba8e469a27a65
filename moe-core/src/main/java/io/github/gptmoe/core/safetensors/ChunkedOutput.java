package io.github.gptmoe.core.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Collects bytes and writes them in chunks of 1 MiB, showing each chunk to an observer once it is written.
 *
 * <p>One size for all writes: many small tensors cost few system calls, and a large heap buffer does not make the
 * channel keep a native copy of the same size.
 */
final class ChunkedOutput implements ByteSink {
    private final FileChannel channel;
    private final ByteSink observer;
    private final ByteBuffer chunk = ByteBuffer.allocate(SafetensorsWriter.CHUNK_BYTES);
    private long accepted;

    ChunkedOutput(FileChannel channel, ByteSink observer) {
        this.channel = channel;
        this.observer = observer;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        accepted += bytes.remaining();
        while (bytes.hasRemaining()) {
            int count = Math.min(bytes.remaining(), chunk.remaining());
            chunk.put(chunk.position(), bytes, bytes.position(), count);
            chunk.position(chunk.position() + count);
            bytes.position(bytes.position() + count);
            if (!chunk.hasRemaining()) {
                flush();
            }
        }
    }

    /** Returns how many bytes were taken so far, written or not. */
    long accepted() {
        return accepted;
    }

    void flush() throws IOException {
        if (chunk.position() == 0) {
            return;
        }
        chunk.flip();
        while (chunk.hasRemaining()) {
            channel.write(chunk);
        }
        chunk.rewind();
        observer.write(chunk);
        chunk.clear();
    }
}
