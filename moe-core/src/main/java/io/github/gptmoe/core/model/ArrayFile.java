package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.TensorStorage;
import io.github.gptmoe.core.safetensors.ByteSink;
import io.github.gptmoe.core.safetensors.SafetensorType;
import io.github.gptmoe.core.safetensors.SafetensorsFile;
import io.github.gptmoe.core.safetensors.TensorFiles;
import io.github.gptmoe.core.safetensors.TensorLocation;
import io.github.gptmoe.core.safetensors.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Moves arrays to and from safetensors files, straight between their native memory and the file's. CPU arrays only. */
public final class ArrayFile {
    private ArrayFile() {}

    /**
     * An array as something a safetensors writer can store.
     *
     * @param name its name in the file
     * @param array contiguous CPU array, FP32, BF16, FP16 or U8; must stay open and unchanged until it is written
     * @return the source; nothing is copied before it is written
     */
    public static TensorSource source(String name, NDArray array) {
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
     * Reads a tensor into an array, converting between FP32, BF16 and FP16 where they differ, a bounded number of elements at a
     * time. U8 is not converted: its numbers are codes.
     *
     * @param file an open file
     * @param name tensor name
     * @param into contiguous CPU array of the same shape
     * @throws IOException if the tensor is missing, has another shape or dtype, or cannot be read
     */
    public static void load(SafetensorsFile file, String name, NDArray into) throws IOException {
        load(StoredRange.whole(new TensorLocation(file, file.entry(name)), into));
    }

    /**
     * Reads a tensor into an array, as above, from whichever file has it. {@link ArrayLoader} reads many faster.
     *
     * @param files open files
     * @param name tensor name
     * @param into contiguous CPU array of the same shape
     * @throws IOException if the tensor is missing, has another shape or dtype, or cannot be read
     */
    public static void load(TensorFiles files, String name, NDArray into) throws IOException {
        load(StoredRange.whole(files.locate(name), into));
    }

    /**
     * Reads a part of a tensor, converting between FP32 and BF16 where they differ. Nothing but that part is read.
     *
     * @param files open files
     * @param name tensor name
     * @param fullShape shape that the stored tensor must have
     * @param fromElement first element of the part, counted row-major
     * @param into contiguous CPU array, filled row-major; its size says how many elements
     * @throws IllegalArgumentException if the tensor has fewer elements
     * @throws IOException if the tensor is missing, has another shape or dtype, or cannot be read
     */
    public static void load(TensorFiles files, String name, long[] fullShape, long fromElement, NDArray into)
            throws IOException {
        load(StoredRange.part(files.locate(name), fullShape, fromElement, into));
    }

    private static void load(StoredRange range) throws IOException {
        range.read();
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
