package io.github.gptmoe.core.safetensors;

import java.util.Arrays;
import java.util.Optional;

/** Element type of a stored tensor; the constant's name is the name in the file. */
public enum SafetensorType {
    /** IEEE 754 single precision. */
    F32(4),
    /** Upper half of a single: 8 exponent bits, 7 fraction bits. */
    BF16(2),
    /** IEEE 754 half precision. */
    F16(2),
    /** IEEE 754 double precision. */
    F64(8),
    /** Signed 64-bit integer. */
    I64(8),
    /** Signed 32-bit integer. */
    I32(4),
    /** Signed 16-bit integer. */
    I16(2),
    /** Signed 8-bit integer. */
    I8(1),
    /** Unsigned 8-bit integer. */
    U8(1),
    /** One byte an element, 0 or 1. */
    BOOL(1);

    private final int bytes;

    SafetensorType(int bytes) {
        this.bytes = bytes;
    }

    /**
     * Returns the size of one element.
     *
     * @return bytes per element
     */
    public int bytes() {
        return bytes;
    }

    static Optional<SafetensorType> named(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
