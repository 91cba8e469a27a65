package io.github.gptmoe.core.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.TensorStorage;
import io.github.gptmoe.core.safetensors.SafetensorType;
import io.github.gptmoe.core.safetensors.SafetensorsFile;
import io.github.gptmoe.core.safetensors.TensorLocation;
import io.github.gptmoe.core.safetensors.TensorMismatchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Elements of a stored tensor and the array that they are to fill. Bytes go from the file straight into an array of the host
 * that has their precision, else through a temporary of at most {@link #CHUNK} elements.
 */
final class StoredRange {
    /** Elements that are converted, or read by one system call, at once: 4 or 8 MiB. */
    static final long CHUNK = 1L << 21;

    private final TensorLocation stored;
    private final SafetensorType type;
    private final long firstElement;
    private final NDArray into;
    private final SafetensorType wanted;

    /** Reads bytes of a file from a position on until the buffer is full. */
    @FunctionalInterface
    interface Source {
        void read(long position, ByteBuffer into) throws IOException;
    }

    private StoredRange(
            TensorLocation stored, SafetensorType type, long firstElement, NDArray into, SafetensorType wanted) {
        this.stored = stored;
        this.type = type;
        this.firstElement = firstElement;
        this.into = into;
        this.wanted = wanted;
    }

    /** All elements of a tensor; refuses another shape than the array's. */
    static StoredRange whole(TensorLocation stored, NDArray into) throws TensorMismatchException {
        requireShape(stored, into.getShape().getShape());
        return checked(stored, 0, into);
    }

    /** As many elements as the array has, row-major, from {@code fromElement} of the flattened tensor on. */
    static StoredRange part(TensorLocation stored, long[] fullShape, long fromElement, NDArray into)
            throws TensorMismatchException {
        requireShape(stored, fullShape);
        if (fromElement < 0 || fromElement > stored.entry().elementCount() - into.size()) {
            throw new IllegalArgumentException(into.size() + " elements from " + fromElement + " on are not within the "
                    + stored.entry().elementCount() + " of " + stored.entry().name());
        }
        return checked(stored, fromElement, into);
    }

    private static StoredRange checked(TensorLocation stored, long fromElement, NDArray into)
            throws TensorMismatchException {
        SafetensorType type = stored.entry().type();
        SafetensorType wanted = ArrayFile.typeOf(into);
        requireConvertible(stored, type, wanted);
        TensorStorage.requireContiguous(into);
        return new StoredRange(stored, type, fromElement, into, wanted);
    }

    private static void requireShape(TensorLocation stored, long[] expected) throws TensorMismatchException {
        long[] shape =
                stored.entry().shape().stream().mapToLong(Long::longValue).toArray();
        if (!Arrays.equals(shape, expected)) {
            throw mismatch(
                    stored,
                    "has shape " + stored.entry().shape() + " but the model's is " + new Shape(expected)
                            + "; the checkpoint belongs to another model configuration");
        }
    }

    private static TensorMismatchException mismatch(TensorLocation stored, String what) {
        return new TensorMismatchException(stored.file().path(), stored.entry().name(), what);
    }

    private static void requireConvertible(TensorLocation stored, SafetensorType type, SafetensorType wanted)
            throws TensorMismatchException {
        if (type == wanted) {
            return;
        }
        if (wanted == SafetensorType.U8) {
            throw mismatch(stored, "is " + type + " but must be U8; it was written with another format of moments");
        }
        if (ArrayFile.precisionOf(type).isEmpty()) {
            throw mismatch(stored, "is " + type + "; weights must be F32, BF16 or F16");
        }
    }

    /** Elements to read. */
    long elements() {
        return into.size();
    }

    /** Where element {@code begin} of the array lies in its file. */
    long filePosition(long begin) {
        return stored.file().position(stored.entry()) + (firstElement + begin) * type.bytes();
    }

    /** The file that has the elements. */
    SafetensorsFile file() {
        return stored.file();
    }

    /** The usual way to read the file. */
    Source throughCache() {
        long start = stored.file().position(stored.entry());
        return (position, into) -> stored.read(position - start, into);
    }

    /** Fills elements [begin, end) of the array from its file. Threads may fill different parts at once. */
    void read(long begin, long end, Source source) throws IOException {
        if (type == wanted && !into.getDevice().isGpu()) {
            for (long at = begin; at < end; at += CHUNK) {
                fill(into, at, at, Math.min(CHUNK, end - at), source);
            }
        } else {
            readThroughTemporary(begin, end, source);
        }
    }

    /** Fills elements of an array of any precision and on any device. */
    void readThroughTemporary(long begin, long end, Source source) throws IOException {
        try (NDManager scope = into.getManager().newSubManager(Device.cpu())) {
            NDArray temporary = ArrayFile.empty(scope, type, Math.min(CHUNK, end - begin));
            for (long at = begin; at < end; at += CHUNK) {
                long count = Math.min(CHUNK, end - at);
                fill(temporary, 0, at, count, source);
                Precision.copyRange(into, at, temporary, count);
            }
        }
    }

    private void fill(NDArray target, long targetElement, long element, long count, Source source) throws IOException {
        long position = filePosition(element);
        for (ByteBuffer buffer : TensorStorage.range(target, targetElement * type.bytes(), count * type.bytes())) {
            int bytes = buffer.remaining();
            source.read(position, buffer);
            position += bytes;
        }
    }
}
