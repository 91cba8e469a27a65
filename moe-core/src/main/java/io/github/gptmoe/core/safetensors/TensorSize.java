package io.github.gptmoe.core.safetensors;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Checks that reading and writing share. */
final class TensorSize {
    private TensorSize() {}

    /** Returns the bytes of a tensor, or -1 where a size is negative or the product needs more than 63 bits. */
    static long bytes(SafetensorType type, List<Long> shape) {
        // In order and without looking for a 0 first, as other readers do: [2^40, 2^40, 0] is refused by all.
        long bytes = 1;
        for (long size : shape) {
            if (size < 0 || Math.multiplyHigh(bytes, size) != 0 || bytes * size < 0) {
                return -1;
            }
            bytes *= size;
        }
        long elements = bytes;
        bytes *= type.bytes();
        return Math.multiplyHigh(elements, type.bytes()) != 0 || bytes < 0 ? -1 : bytes;
    }

    static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }
}
