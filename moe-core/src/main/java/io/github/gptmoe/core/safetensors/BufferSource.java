package io.github.gptmoe.core.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A tensor whose bytes lie in one buffer. */
final class BufferSource implements TensorSource {
    private final String name;
    private final SafetensorType type;
    private final long[] shape;
    private final ByteBuffer bytes;

    BufferSource(String name, SafetensorType type, long[] shape, ByteBuffer bytes) {
        this.name = name;
        this.type = type;
        this.shape = shape.clone();
        this.bytes = bytes;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public SafetensorType type() {
        return type;
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    @Override
    public void writeTo(ByteSink sink) throws IOException {
        sink.write(bytes.duplicate());
    }
}
