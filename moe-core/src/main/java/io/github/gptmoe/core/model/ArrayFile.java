package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.TensorStorage;
import io.github.gptmoe.core.safetensors.ByteSink;
import io.github.gptmoe.core.safetensors.SafetensorType;
import io.github.gptmoe.core.safetensors.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What arrays are in safetensors files, and how they get there: straight from their native memory. {@link ArrayLoader} is the
 * way back. CPU arrays only.
 */
public final class ArrayFile {
    private ArrayFile() {}

    /**
     * An array as something a safetensors writer can store.
     *
     * @param name its name in the file
     * @param array contiguous CPU array, FP32, BF16, FP16 or U8; must stay open and unchanged until it is written
     * @return the source; nothing is copied before it is written
     * @throws IllegalArgumentException if the array is not on the CPU
     */
    public static TensorSource source(String name, NDArray array) {
        TensorStorage.requireHost(array);
        SafetensorType type = typeOf(array);
        long[] shape = array.getShape().getShape();
        long bytes = array.size() * type.bytes();
        return new TensorSource() {
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
                for (ByteBuffer buffer : TensorStorage.of(array, bytes)) {
                    sink.write(buffer);
                }
            }
        };
    }

    /**
     * The type that a file gives the elements of an array.
     *
     * @param array FP32, BF16, FP16 or U8
     * @return its type
     */
    public static SafetensorType typeOf(NDArray array) {
        if (array.getDataType() == DataType.UINT8) {
            return SafetensorType.U8;
        }
        return switch (Precision.of(array)) {
            case FP32 -> SafetensorType.F32;
            case BF16 -> SafetensorType.BF16;
            case FP16 -> SafetensorType.F16;
        };
    }

    /**
     * Makes an array for the elements of a tensor.
     *
     * @param owner owner of the result
     * @param type U8, or a floating-point type that arrays are written in
     * @param shape its shape
     * @return zeros
     */
    public static NDArray zeros(NDManager owner, SafetensorType type, Shape shape) {
        return type == SafetensorType.U8
                ? owner.zeros(shape, DataType.UINT8)
                : precisionOf(type)
                        .orElseThrow(() -> new IllegalArgumentException("no arrays of " + type))
                        .zeros(owner, shape);
    }

    /** Makes a flat array for elements of a tensor, with arbitrary values. */
    static NDArray empty(NDManager owner, SafetensorType type, long elements) {
        return type == SafetensorType.U8
                ? owner.create(new Shape(elements), DataType.UINT8)
                : precisionOf(type)
                        .orElseThrow(() -> new IllegalArgumentException("no arrays of " + type))
                        .empty(owner, new Shape(elements));
    }

    /** The precision of a type, if it is one of floating-point numbers that we use. */
    static Optional<Precision> precisionOf(SafetensorType type) {
        return switch (type) {
            case F32 -> Optional.of(Precision.FP32);
            case BF16 -> Optional.of(Precision.BF16);
            case F16 -> Optional.of(Precision.FP16);
            default -> Optional.empty();
        };
    }
}
