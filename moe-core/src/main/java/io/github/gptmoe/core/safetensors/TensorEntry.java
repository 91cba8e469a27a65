package io.github.gptmoe.core.safetensors;

import java.util.List;

/**
 * Where one tensor lies in a file.
 *
 * @param name unique name in the file
 * @param type type of its elements
 * @param shape sizes of its dimensions; empty for a scalar, and a size may be 0
 * @param begin first byte, counted from the start of the data section
 * @param end first byte behind the tensor; {@code end - begin} is the shape's product times the element size
 */
public record TensorEntry(String name, SafetensorType type, List<Long> shape, long begin, long end) {
    /**
     * Copies the shape.
     *
     * @param name unique name in the file
     * @param type type of its elements
     * @param shape sizes of its dimensions
     * @param begin first byte, counted from the start of the data section
     * @param end first byte behind the tensor
     */
    public TensorEntry {
        shape = List.copyOf(shape);
    }

    /**
     * Returns the size of the tensor in the file.
     *
     * @return bytes
     */
    public long byteCount() {
        return end - begin;
    }

    /**
     * Returns how many elements the tensor has.
     *
     * @return the product of the shape
     */
    public long elementCount() {
        return byteCount() / type.bytes();
    }
}
