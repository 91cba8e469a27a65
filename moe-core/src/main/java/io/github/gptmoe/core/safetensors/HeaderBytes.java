package io.github.gptmoe.core.safetensors;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** The bytes of a header as a stream, so that its declared length is never allocated. */
final class HeaderBytes extends InputStream {
    private final FileChannel channel;
    private final long end;
    private long position;

    HeaderBytes(FileChannel channel, long begin, long end) {
        this.channel = channel;
        this.position = begin;
        this.end = end;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (position >= end) {
            return -1;
        }
        int wanted = (int) Math.min(length, end - position);
        int count = channel.read(ByteBuffer.wrap(target, offset, wanted), position);
        position += Math.max(count, 0);
        return count;
    }
}
