package io.github.gptmoe.core.safetensors;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file past the system's cache, through a small buffer of its own: for files that are read once and may be larger
 * than the memory. The system then needs no page for the cache beside each page that is filled, which is what limits the
 * reading of a fast disk into new memory. A file that is in the cache already is read faster through it. One thread only.
 */
public final class UncachedReader implements AutoCloseable {
    /** Bytes of one request: 4 MiB. */
    private static final int REQUEST_BYTES = 4 << 20;

    private final Path file;
    private final FileChannel channel;
    private final int block;
    private final ByteBuffer buffer;

    private UncachedReader(Path file, FileChannel channel, int block) {
        this.file = file;
        this.channel = channel;
        this.block = block;
        // One block more, so that a request is whole wherever its first byte is within a block.
        buffer = ByteBuffer.allocateDirect(REQUEST_BYTES + 2 * block).alignedSlice(block);
    }

    /**
     * Opens a file.
     *
     * @param file an existing file
     * @return a reader; nothing where the system or the file system has no such reads
     */
    public static Optional<UncachedReader> open(Path file) {
        FileChannel channel = null;
        try {
            int block = Math.toIntExact(Files.getFileStore(file).getBlockSize());
            if (Integer.bitCount(block) != 1 || block > REQUEST_BYTES) {
                return Optional.empty();
            }
            channel = FileChannel.open(file, StandardOpenOption.READ, ExtendedOpenOption.DIRECT);
            UncachedReader reader = new UncachedReader(file, channel, block);
            reader.channel.read(reader.buffer.clear().limit(block), 0); // some file systems refuse only here
            return Optional.of(reader);
        } catch (IOException | UnsupportedOperationException | ArithmeticException refused) {
            closeQuietly(channel);
            return Optional.empty();
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException unused) {
            // Nothing was read through it.
        }
    }

    /**
     * Reads bytes.
     *
     * @param position first byte
     * @param into filled from its position to its limit
     * @throws EOFException if the file ends before
     * @throws IOException if the file cannot be read
     */
    public void read(long position, ByteBuffer into) throws IOException {
        long next = position;
        while (into.hasRemaining()) {
            long begin = next & -block;
            int skip = (int) (next - begin);
            long wanted = Math.min(skip + (long) into.remaining(), REQUEST_BYTES);
            int bytes = (int) ((wanted + block - 1) & -block);
            int got = channel.read(buffer.clear().limit(bytes), begin);
            int usable = Math.min(got - skip, into.remaining());
            if (usable <= 0) {
                throw new EOFException(file + ": ends before byte " + next);
            }
            into.put(into.position(), buffer, skip, usable);
            into.position(into.position() + usable);
            next += usable;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
