package io.github.gptmoe.core.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A tensor that can write itself: what {@link SafetensorsWriter} stores. */
public interface TensorSource {
    /**
     * Returns the name in the file.
     *
     * @return a name that no other tensor of the file has
     */
    String name();

    /**
     * Returns the type of the elements.
     *
     * @return element type
     */
    SafetensorType type();

    /**
     * Returns the sizes of the dimensions.
     *
     * @return a shape the caller may keep; empty for a scalar
     */
    long[] shape();

    /**
     * Pushes the elements, row-major and little-endian, in as many buffers as is convenient. It is called once a file.
     *
     * @param sink where the bytes go; exactly product(shape) times element size of them
     * @throws IOException if the sink cannot store them
     */
    void writeTo(ByteSink sink) throws IOException;

    /**
     * Makes a source from bytes that are already in memory.
     *
     * @param name name in the file
     * @param type element type
     * @param shape sizes of the dimensions; copied
     * @param bytes little-endian elements between position and limit; neither copied nor moved
     * @return a source that can be written any number of times
     */
    static TensorSource of(String name, SafetensorType type, long[] shape, ByteBuffer bytes) {
        return new BufferSource(name, type, shape, bytes);
    }
}
