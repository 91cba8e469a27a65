package io.github.gptmoe.core.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A tensor and the open file that holds it.
 *
 * @param file open for as long as this is read from
 * @param entry an entry of that file
 */
public record TensorLocation(SafetensorsFile file, TensorEntry entry) {
    /**
     * Reads bytes of the tensor; any number of threads may.
     *
     * @param from first byte, counted from the tensor's own first byte
     * @param into filled from its position to its limit
     * @throws IllegalArgumentException if the tensor has fewer bytes
     * @throws IOException if the file cannot be read or has shrunk
     */
    public void read(long from, ByteBuffer into) throws IOException {
        file.read(entry, from, into);
    }
}
