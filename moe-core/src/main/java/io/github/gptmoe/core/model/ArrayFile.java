package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.TensorStorage;
import io.github.gptmoe.core.safetensors.ByteSink;
import io.github.gptmoe.core.safetensors.SafetensorType;
import io.github.gptmoe.core.safetensors.SafetensorsFile;
import io.github.gptmoe.core.safetensors.TensorEntry;
import io.github.gptmoe.core.safetensors.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/** Moves arrays to and from safetensors files, straight between their native memory and the file's. CPU arrays only. */
public final class ArrayFile {
    private ArrayFile() {}

    /**
     * An array as something a safetensors writer can store.
     *
     * @param name its name in the file
     * @param array contiguous CPU array, FP32, BF16 or U8; must stay open and unchanged until it is written
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
     * Reads a tensor into an array, converting between FP32 and BF16 where they differ. U8 is not converted: its numbers are
     * codes.
     *
     * @param file an open file
     * @param name tensor name
     * @param into contiguous CPU array of the same shape
     * @throws IOException if the tensor is missing, has another shape or dtype, or cannot be read
     */
    public static void load(SafetensorsFile file, String name, NDArray into) throws IOException {
        TensorEntry entry = file.entry(name);
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        if (!Arrays.equals(shape, into.getShape().getShape())) {
            throw new IOException(
                    file.path() + ": tensor " + name + " has shape " + entry.shape() + " but the model's is "
                            + into.getShape() + "; the checkpoint belongs to another model configuration");
        }
        if (entry.type() == typeOf(into)) {
            copy(file, entry, into);
            return;
        }
        if (typeOf(into) == SafetensorType.U8) {
            throw new IOException(file.path() + ": tensor " + entry.name() + " is " + entry.type()
                    + " but must be U8; it was written with another format of moments");
        }
        Precision stored = precisionOf(file, entry);
        try (NDManager scope = into.getManager().newSubManager()) {
            NDArray temporary = stored.zeros(scope, into.getShape());
            copy(file, entry, temporary);
            Precision.copy(into, temporary);
        }
    }

    private static void copy(SafetensorsFile file, TensorEntry entry, NDArray into) throws IOException {
        Iterator<ByteBuffer> targets = TensorStorage.of(into, entry.byteCount()).iterator();
        List<ByteBuffer> sources = file.map(entry);
        for (ByteBuffer source : sources) {
            targets.next().put(source);
        }
    }

    private static SafetensorType typeOf(NDArray array) {
        if (array.getDataType() == DataType.UINT8) {
            return SafetensorType.U8;
        }
        return switch (Precision.of(array)) {
            case FP32 -> SafetensorType.F32;
            case BF16 -> SafetensorType.BF16;
        };
    }

    private static Precision precisionOf(SafetensorsFile file, TensorEntry entry) throws IOException {
        return switch (entry.type()) {
            case F32 -> Precision.FP32;
            case BF16 -> Precision.BF16;
            default ->
                throw new IOException(file.path() + ": tensor " + entry.name() + " is " + entry.type()
                        + "; weights must be F32 or BF16");
        };
    }
}
