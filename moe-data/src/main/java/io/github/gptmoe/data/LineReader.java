package io.github.gptmoe.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits a stream into lines at LF and nothing else: U+2028, U+0085 and form feeds are text. One CR before the LF and a
 * byte-order mark at the start of the stream are dropped. A line above the limit is read to its end but not kept, or kept up to
 * the limit, so the memory stays bounded whatever the input.
 */
final class LineReader implements AutoCloseable {
    /** What is kept of a line that is refused, to show it. */
    static final int SHOWN_BYTES = 1 << 16;

    /** Stands for the number of a line where nobody has counted those before it. */
    static final long UNKNOWN_LINES = -1;

    private static final byte[] NOTHING = {};

    private final InputStream in;
    private final int maxLineBytes;
    private final int heldBytes;
    private final boolean cuts;
    private final @Nullable LongRowCutter cutter;
    private final long start;
    private final long linesBefore;
    private final byte[] chunk = new byte[1 << 16];
    private int chunkStart;
    private int chunkEnd;
    private long chunkOffset;
    private boolean ended;

    private byte[] line = new byte[1 << 12];
    private int length;
    private long fullLength;
    private long number;
    private long offset;
    private boolean tooLong;
    private boolean cut;
    private byte[] head = NOTHING;

    LineReader(InputStream in, int maxLineBytes) {
        this(in, maxLineBytes, 0);
    }

    /** For a stream that begins with the line at {@code start} of a file; lines are numbered only if that is 0. */
    LineReader(InputStream in, int maxLineBytes, long start) {
        this(in, maxLineBytes, maxLineBytes, false, null, start, start == 0 ? 0 : UNKNOWN_LINES);
    }

    private LineReader(
            InputStream in,
            int maxLineBytes,
            int heldBytes,
            boolean cuts,
            @Nullable LongRowCutter cutter,
            long start,
            long linesBefore) {
        this.in = in;
        this.maxLineBytes = maxLineBytes;
        this.heldBytes = heldBytes;
        this.cuts = cuts;
        this.cutter = cutter;
        this.start = start;
        this.linesBefore = linesBefore;
        this.chunkOffset = start;
    }

    /** For the rows of a file from one on that begins at {@code start}, behind {@code linesBefore} others. */
    static LineReader ofRows(InputStream in, SourceFile.Rows rows, RowLimit limit, long start, long linesBefore) {
        boolean cuts = limit.longRows() == LongRows.CUT;
        boolean cutsJson = cuts && rows == SourceFile.Rows.JSON;
        return new LineReader(
                in,
                limit.maxBytes(),
                cutsJson ? limit.heldBytes() : limit.maxBytes(),
                cuts,
                cutsJson ? new LongRowCutter(limit.maxBytes()) : null,
                start,
                linesBefore);
    }

    /** Moves to the next line; false at the end of the stream. */
    boolean next() throws IOException {
        if (!fill()) {
            return false;
        }
        number++;
        offset = chunkOffset + chunkStart;
        length = 0;
        fullLength = 0;
        tooLong = false;
        cut = false;
        head = NOTHING;
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
        if (cut && !tooLong) {
            endCut();
        } else if (!tooLong && length > 0 && line[length - 1] == '\r') {
            length--;
            fullLength--;
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

    /** Bytes of the whole line in the file, however much of it is kept; of one above the limit a CR at its end counts too. */
    long fullLength() {
        return fullLength;
    }

    /** Line number from 1; 0 for a stream that begins inside a file whose lines nobody has counted. */
    long number() {
        return linesBefore == UNKNOWN_LINES ? 0 : linesBefore + number;
    }

    /** A copy of the line as it is in the file; of one above the limit its first {@link #SHOWN_BYTES} at most. */
    byte[] raw() {
        return shortened() ? head : Arrays.copyOf(line, length);
    }

    /** Offset at which the next line begins. */
    long position() {
        return chunkOffset + chunkStart;
    }

    /** Offset of the line's first byte (after a byte-order mark) in the file. */
    long offset() {
        return offset;
    }

    /** Whether the line is above the limit, so that only {@link #raw()} has some of it. */
    boolean tooLong() {
        return tooLong;
    }

    /** Whether the line was above the limit and what is kept lacks the end of its text. */
    boolean cut() {
        return cut;
    }

    /** Whether what is kept is not the line as it is in the file. */
    boolean shortened() {
        return head.length > 0;
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
        fullLength += count;
        if (tooLong) {
            return;
        }
        if (cut) {
            passCut(chunk, chunkStart, count);
            return;
        }
        int fitting = Math.min(count, maxLineBytes - length);
        append(fitting);
        if (fitting == count) {
            return;
        }
        head = Arrays.copyOf(line, Math.min(length, SHOWN_BYTES));
        if (!cuts) {
            tooLong = true;
            return;
        }
        cut = true;
        if (cutter != null) {
            int soFar = length;
            line = Arrays.copyOf(line, heldBytes);
            length = 0;
            cutter.begin();
            passCut(line, 0, soFar);
            passCut(chunk, chunkStart + fitting, count - fitting);
        }
    }

    /** Without a cutter a line of plain text is meant, which simply ends. */
    private void passCut(byte[] bytes, int from, int count) {
        if (cutter == null || tooLong) {
            return;
        }
        int now = cutter.pass(bytes, from, count, line, length);
        tooLong = now < 0;
        length = Math.max(0, now);
    }

    private void append(int count) {
        if (line.length - length < count) {
            long doubled = Math.min(2L * line.length, maxLineBytes);
            line = Arrays.copyOf(line, (int) Math.max(doubled, length + count));
        }
        System.arraycopy(chunk, chunkStart, line, length, count);
        length += count;
    }

    private void endCut() {
        if (cutter != null) {
            cut = cutter.cut();
            return;
        }
        // Back to the first byte of the last character, and over it unless it is whole.
        int last = length - 1;
        while (last > 0 && last > length - 4 && (line[last] & 0xC0) == 0x80) {
            last--;
        }
        int lead = line[last] & 0xFF;
        int needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
        if (last + needed > length) {
            length = last;
        }
    }

    private void dropByteOrderMark() {
        if (length >= 3 && line[0] == (byte) 0xEF && line[1] == (byte) 0xBB && line[2] == (byte) 0xBF) {
            System.arraycopy(line, 3, line, 0, length - 3);
            length -= 3;
            fullLength -= 3;
            offset += 3;
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
