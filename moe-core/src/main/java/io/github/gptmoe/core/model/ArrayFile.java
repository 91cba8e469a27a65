package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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
     * @param array contiguous CPU array, FP32, BF16 or FP16; must stay open and unchanged until it is written
     * @return the source; nothing is copied before it is written
     */
    public static TensorSource source(String name, NDArray array) {
        SafetensorType type = typeOf(Precision.of(array));
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
     * Reads a tensor into an array, converting between FP32, BF16 and FP16 where they differ.
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
            throw otherShape(file, entry, into.getShape());
        }
        Precision stored = precisionOf(file, entry);
        if (stored == Precision.of(into)) {
            copy(file, entry, into);
            return;
        }
        try (NDManager scope = into.getManager().newSubManager()) {
            NDArray temporary = stored.zeros(scope, into.getShape());
            copy(file, entry, temporary);
            Precision.copy(into, temporary);
        }
    }

    /**
     * Reads a stretch of a tensor, converting between FP32 and BF16 where they differ.
     *
     * @param file an open file
     * @param name tensor name
     * @param whole the shape that the tensor must have
     * @param from first element, row-major
     * @param into contiguous CPU array for the elements from there on
     * @throws IOException if the tensor is missing, has another shape or dtype, or cannot be read
     */
    public static void load(SafetensorsFile file, String name, Shape whole, long from, NDArray into)
            throws IOException {
        TensorEntry entry = file.entry(name);
        long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
        if (!Arrays.equals(shape, whole.getShape())) {
            throw otherShape(file, entry, whole);
        }
        Precision stored = precisionOf(file, entry);
        if (stored == Precision.of(into)) {
            copyRange(file, entry, from * stored.bytes(), into, into.size() * stored.bytes());
            return;
        }
        try (NDManager scope = into.getManager().newSubManager()) {
            NDArray temporary = stored.zeros(scope, into.getShape());
            copyRange(file, entry, from * stored.bytes(), temporary, into.size() * stored.bytes());
            Precision.copy(into, temporary);
        }
    }

    private static IOException otherShape(SafetensorsFile file, TensorEntry entry, Shape wanted) {
        return new IOException(file.path() + ": tensor " + entry.name() + " has shape " + entry.shape()
                + " but the model's is " + wanted + "; the checkpoint belongs to another model configuration");
    }

    private static void copyRange(SafetensorsFile file, TensorEntry entry, long from, NDArray into, long bytes)
            throws IOException {
        long skip = from;
        Iterator<ByteBuffer> targets = TensorStorage.of(into, bytes).iterator();
        ByteBuffer target = targets.next();
        for (ByteBuffer source : file.map(entry)) {
            if (skip >= source.limit()) {
                skip -= source.limit();
                continue;
            }
            source.position((int) skip);
            skip = 0;
            while (source.hasRemaining()) {
                if (!target.hasRemaining()) {
                    if (!targets.hasNext()) {
                        return;
                    }
                    target = targets.next();
                }
                int length = Math.min(source.remaining(), target.remaining());
                target.put(source.slice().limit(length));
                source.position(source.position() + length);
            }
        }
    }

    private static void copy(SafetensorsFile file, TensorEntry entry, NDArray into) throws IOException {
        Iterator<ByteBuffer> targets = TensorStorage.of(into, entry.byteCount()).iterator();
        List<ByteBuffer> sources = file.map(entry);
        for (ByteBuffer source : sources) {
            targets.next().put(source);
        }
    }

    private static SafetensorType typeOf(Precision precision) {
        return switch (precision) {
            case FP32 -> SafetensorType.F32;
            case BF16 -> SafetensorType.BF16;
            case FP16 -> SafetensorType.F16;
        };
    }

    private static Precision precisionOf(SafetensorsFile file, TensorEntry entry) throws IOException {
        return switch (entry.type()) {
            case F32 -> Precision.FP32;
            case BF16 -> Precision.BF16;
            case F16 -> Precision.FP16;
            default ->
                throw new IOException(file.path() + ": tensor " + entry.name() + " is " + entry.type()
                        + "; weights must be F32, BF16 or F16");
        };
    }
}
