package io.github.gptmoe.data.dedup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * The shingles of documents in a file that goes away with this object: the documents that may be duplicates need not fit into memory.
 * Written by one thread, then read by several.
 */
final class ShingleFile implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private int[] documents = new int[1024];
    private long[] ends = new long[1024];
    private int size;

    ShingleFile(Path file) throws IOException {
        this.file = file;
        this.channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    /** Appends a document; numbers ascend. */
    void add(int document, long[] shingles) throws IOException {
        if (size == documents.length) {
            documents = Arrays.copyOf(documents, 2 * size);
            ends = Arrays.copyOf(ends, 2 * size);
        }
        ByteBuffer bytes = ByteBuffer.allocate(shingles.length * Long.BYTES);
        bytes.asLongBuffer().put(shingles);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        documents[size] = document;
        ends[size] = (size == 0 ? 0 : ends[size - 1]) + shingles.length;
        size++;
    }

    /** The shingles of a document that was added. */
    long[] of(int document) {
        int index = Arrays.binarySearch(documents, 0, size, document);
        if (index < 0) {
            throw new IllegalArgumentException("document " + document + " has no shingles here");
        }
        long start = index == 0 ? 0 : ends[index - 1];
        long[] shingles = new long[(int) (ends[index] - start)];
        ByteBuffer bytes = ByteBuffer.allocate(shingles.length * Long.BYTES);
        try {
            long at = start * Long.BYTES;
            while (bytes.hasRemaining() && channel.read(bytes, at + bytes.position()) >= 0) {
                // Reads until all is there.
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        LongBuffer longs = bytes.flip().asLongBuffer();
        longs.get(shingles);
        return shingles;
    }

    int size() {
        return size;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(file);
    }
}
