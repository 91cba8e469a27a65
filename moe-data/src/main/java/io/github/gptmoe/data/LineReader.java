package io.github.gptmoe.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Splits a stream into lines at LF and nothing else: U+2028, U+0085 and form feeds are text. One CR before the LF and a
 * byte-order mark at the start of the stream are dropped. A line above the cap is read to its end but not kept, so the
 * memory stays bounded whatever the input.
 */
final class LineReader implements AutoCloseable {
    private final InputStream in;
    private final int maxLineBytes;
    private final long start;
    private final byte[] chunk = new byte[1 << 16];
    private int chunkStart;
    private int chunkEnd;
    private long chunkOffset;
    private boolean ended;

    private byte[] line = new byte[1 << 12];
    private int length;
    private long number;
    private long offset;
    private boolean tooLong;

    LineReader(InputStream in, int maxLineBytes) {
        this(in, maxLineBytes, 0);
    }

    /** For a stream that begins with the line at {@code start} of a file; lines are numbered only if that is 0. */
    LineReader(InputStream in, int maxLineBytes, long start) {
        this.in = in;
        this.maxLineBytes = maxLineBytes;
        this.start = start;
        this.chunkOffset = start;
    }

    /** Moves to the next line; false at the end of the stream. */
    boolean next() throws IOException {
        if (!fill()) {
            return false;
        }
        number++;
        offset = chunkOffset + chunkStart;
        length = 0;
        tooLong = false;
        boolean open = true;
        while (open && fill()) {
            int end = chunkStart;
            while (end < chunkEnd && chunk[end] != '\n') {
                end++;
            }
            keep(end - chunkStart);
            open = end == chunkEnd;
            chunkStart = open ? end : end + 1;
        }
        if (length > 0 && line[length - 1] == '\r') {
            length--;
        }
        if (number == 1 && start == 0) {
            dropByteOrderMark();
        }
        return true;
    }

    /** The bytes of the line, valid up to {@link #length()} and until the next call of {@link #next()}. */
    byte[] line() {
        return line;
    }

    int length() {
        return length;
    }

    /** Line number from 1; 0 for a stream that begins inside a file. */
    long number() {
        return start == 0 ? number : 0;
    }

    /** Offset at which the next line begins. */
    long position() {
        return chunkOffset + chunkStart;
    }

    /** Offset of the line's first byte (after a byte-order mark) in the file. */
    long offset() {
        return offset;
    }

    boolean tooLong() {
        return tooLong;
    }

    private boolean fill() throws IOException {
        while (!ended && chunkStart == chunkEnd) {
            chunkOffset += chunkEnd;
            chunkStart = 0;
            chunkEnd = 0;
            int read = in.read(chunk, 0, chunk.length);
            ended = read < 0;
            chunkEnd = Math.max(read, 0);
        }
        return !ended;
    }

    private void keep(int count) {
        if (tooLong || count > maxLineBytes - length) {
            tooLong = true;
            length = 0;
            return;
        }
        if (line.length - length < count) {
            long doubled = Math.min(2L * line.length, maxLineBytes);
            line = Arrays.copyOf(line, (int) Math.max(doubled, length + count));
        }
        System.arraycopy(chunk, chunkStart, line, length, count);
        length += count;
    }

    private void dropByteOrderMark() {
        if (length >= 3 && line[0] == (byte) 0xEF && line[1] == (byte) 0xBB && line[2] == (byte) 0xBF) {
            System.arraycopy(line, 3, line, 0, length - 3);
            length -= 3;
            offset += 3;
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
