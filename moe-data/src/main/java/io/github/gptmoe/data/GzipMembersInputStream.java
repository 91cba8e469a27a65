package io.github.gptmoe.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Reads a file of one or more gzip members (RFC 1952) to its very end. The JDK's {@code GZIPInputStream} takes a second
 * member whose header is cut off, or rubbish after a member, for the end of the data and drops it without a word; here
 * both are errors.
 */
final class GzipMembersInputStream extends InputStream {
    private static final int HEADER_CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;

    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 checksum = new CRC32();
    private final byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;
    private boolean insideMember;
    private boolean anyMember;

    GzipMembersInputStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (true) {
            if (!insideMember && !openMember()) {
                return -1;
            }
            int count = inflate(into, offset, length);
            if (count > 0) {
                checksum.update(into, offset, count);
                return count;
            }
            closeMember();
        }
    }

    /** Returns the bytes produced; 0 at the end of the member. */
    private int inflate(byte[] into, int offset, int length) throws IOException {
        try {
            while (true) {
                int count = inflater.inflate(into, offset, length);
                if (count > 0 || inflater.finished()) {
                    return count;
                }
                if (inflater.needsDictionary()) {
                    throw new ZipException("needs a preset dictionary");
                }
                if (!fill()) {
                    throw new EOFException("ends in the middle of a gzip member");
                }
                inflater.setInput(buffer, start, end - start);
                start = end;
            }
        } catch (DataFormatException damaged) {
            throw new ZipException("damaged deflate data: " + damaged.getMessage());
        }
    }

    private boolean openMember() throws IOException {
        if (!fill()) {
            if (!anyMember) {
                throw new EOFException("is empty, not a gzip file");
            }
            return false;
        }
        if (next() != 0x1F || next() != 0x8B) {
            throw new ZipException(anyMember ? "has bytes after its last gzip member" : "is not a gzip file");
        }
        if (next() != 8) {
            throw new ZipException("uses a compression method other than deflate");
        }
        int flags = next();
        skip(6);
        if ((flags & EXTRA) != 0) {
            skip(next() | next() << 8);
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEADER_CHECKSUM) != 0) {
            skip(2);
        }
        inflater.reset();
        inflater.setInput(buffer, start, end - start);
        start = end;
        checksum.reset();
        insideMember = true;
        anyMember = true;
        return true;
    }

    private void closeMember() throws IOException {
        start = end - inflater.getRemaining();
        if (word() != checksum.getValue()) {
            throw new ZipException("fails its checksum");
        }
        if (word() != (inflater.getBytesWritten() & 0xFFFFFFFFL)) {
            throw new ZipException("fails its length check");
        }
        insideMember = false;
    }

    private boolean fill() throws IOException {
        while (start == end) {
            int read = in.read(buffer, 0, buffer.length);
            if (read < 0) {
                return false;
            }
            start = 0;
            end = read;
        }
        return true;
    }

    private int next() throws IOException {
        if (!fill()) {
            throw new EOFException("ends in the middle of a gzip member");
        }
        return buffer[start++] & 0xFF;
    }

    private long word() throws IOException {
        return next() | (long) next() << 8 | (long) next() << 16 | (long) next() << 24;
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            next();
        }
    }

    private void skipText() throws IOException {
        int read;
        do {
            read = next();
        } while (read != 0);
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
