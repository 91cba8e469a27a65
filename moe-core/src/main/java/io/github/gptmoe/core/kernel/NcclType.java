package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** Element types of NCCL that we send, by the numbers of {@code ncclDataType_t}. */
public enum NcclType {
    /** {@code ncclFloat32}. */
    FLOAT32(7, 4),
    /** {@code ncclFloat64}. */
    FLOAT64(8, 8),
    /** {@code ncclBfloat16}. */
    BFLOAT16(9, 2),
    /** IEEE binary16. */
    FLOAT16(6, 2),
    /** {@code ncclUint8}: bytes that are moved, never summed. */
    UINT8(1, 1);

    private final int number;
    private final int bytes;

    NcclType(int number, int bytes) {
        this.number = number;
        this.bytes = bytes;
    }

    /**
     * The type that holds a precision's elements.
     *
     * @param precision of the array
     * @return its type
     */
    public static NcclType of(Precision precision) {
        return switch (precision) {
            case FP32 -> FLOAT32;
            case BF16 -> BFLOAT16;
            case FP16 -> FLOAT16;
        };
    }

    /**
     * The type of an array's elements.
     *
     * @param array FP32, BF16, FP16 or U8
     * @return its type
     * @throws IllegalArgumentException for any other dtype
     */
    public static NcclType of(NDArray array) {
        return array.getDataType() == DataType.UINT8 ? UINT8 : of(Precision.of(array));
    }

    /**
     * What NCCL calls it.
     *
     * @return a value of {@code ncclDataType_t}
     */
    public int number() {
        return number;
    }

    /**
     * The size of one element.
     *
     * @return bytes
     */
    public int bytes() {
        return bytes;
    }
}
