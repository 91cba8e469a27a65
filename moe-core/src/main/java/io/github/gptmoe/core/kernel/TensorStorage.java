package io.github.gptmoe.core.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Direct access to the memory behind a contiguous CPU array, for files of any dtype without a copy on the Java heap.
 * Uses libtorch's stable C interface ({@code aoti_torch_get_data_ptr}) through the JNA that DJL brings.
 */
public final class TensorStorage {
    private static final int CHUNK = 1 << 30;

    private TensorStorage() {}

    private static final class Library {
        static final NativeLibrary TORCH_CPU = open();

        private static NativeLibrary open() {
            KernelModule.enter();
            // DJL has loaded it already; the path is only known to the dynamic linker.
            return NativeLibrary.getInstance(Path.of(LibUtils.getLibtorchPath(), System.mapLibraryName("torch_cpu"))
                    .toString());
        }
    }

    /**
     * The memory of an array.
     *
     * @param array contiguous CPU array; must stay open while the buffers are used
     * @param bytes number of bytes, {@code elements * size of the dtype}
     * @return native-order buffers of at most 1 GiB, together the array's bytes
     * @throws IllegalArgumentException if the array is not on the CPU, or is a view whose elements are not adjacent, for
     *     example a transpose
     */
    public static List<ByteBuffer> of(NDArray array, long bytes) {
        return range(array, 0, bytes);
    }

    /**
     * A part of the memory of an array.
     *
     * @param array contiguous CPU array; must stay open while the buffers are used
     * @param from first byte
     * @param bytes number of bytes; {@code from + bytes} must not exceed {@code elements * size of the dtype}
     * @return native-order buffers of at most 1 GiB, together these bytes
     * @throws IllegalArgumentException if the array is not on the CPU, or is a view whose elements are not adjacent, for
     *     example a transpose
     */
    public static List<ByteBuffer> range(NDArray array, long from, long bytes) {
        requireHost(array);
        requireContiguous(array);
        Pointer data = pointer("aoti_torch_get_data_ptr", array);
        List<ByteBuffer> buffers = new ArrayList<>();
        long end = from + bytes;
        for (long at = from; at < end; at += CHUNK) {
            long size = Math.min(CHUNK, end - at);
            buffers.add(data.getByteBuffer(at, size).order(ByteOrder.nativeOrder()));
        }
        return buffers;
    }

    /**
     * Where the elements of an array lie, for a library that is given addresses.
     *
     * @param array contiguous array of any device; must stay open while the address is used
     * @return address of its first element, on its device
     * @throws IllegalArgumentException if the array is a view whose elements are not adjacent
     */
    public static long address(NDArray array) {
        requireContiguous(array);
        return Pointer.nativeValue(pointer("aoti_torch_get_data_ptr", array));
    }

    /**
     * How much the elements of an array take.
     *
     * @param array any array
     * @return bytes of its elements, whatever memory it shares
     */
    public static long bytes(NDArray array) {
        return array.size() * elementBytes(array);
    }

    /**
     * An array's bits as numbers of another dtype, which TorchScript cannot ask for.
     *
     * @param array contiguous array
     * @param torchType libtorch's number of the other dtype, of the same or a smaller size
     * @return an array on the same memory, attached to the manager of {@code array}
     */
    static NDArray bits(NDArray array, int torchType) {
        PointerByReference result = new PointerByReference();
        invoke("aoti_torch_view_dtype", array, torchType, result);
        return new PtNDArray((PtNDManager) array.getManager(), Pointer.nativeValue(result.getValue()));
    }

    /**
     * A piece of memory that libtorch has allocated; views of one array share it.
     *
     * @param address its start, on the device of the array
     * @param bytes its size
     */
    public record Allocation(long address, long bytes) {}

    /**
     * The memory that an array keeps alive.
     *
     * @param array any array, also a view that is not contiguous
     * @return all of it, even if the array is a small part
     */
    public static Allocation allocation(NDArray array) {
        long start = Pointer.nativeValue(pointer("aoti_torch_get_data_ptr", array));
        long offset = number("aoti_torch_get_storage_offset", array);
        return new Allocation(start - offset * elementBytes(array), number("aoti_torch_get_storage_size", array));
    }

    /** An array of a type that DJL does not know is BF16. */
    private static int elementBytes(NDArray array) {
        DataType type = array.getDataType();
        return type == DataType.UNKNOWN ? Precision.BF16.bytes() : type.getNumOfBytes();
    }

    private static long number(String function, NDArray array) {
        LongByReference result = new LongByReference();
        invoke(function, array, result);
        return result.getValue();
    }

    /**
     * Refuses an array whose memory the host cannot read: an address on a GPU, taken for one of the host, ends the process.
     *
     * @param array any array
     * @throws IllegalArgumentException if it is not on the CPU
     */
    public static void requireHost(NDArray array) {
        if (!Device.Type.CPU.equals(array.getDevice().getDeviceType())) {
            throw new IllegalArgumentException("an array of shape " + array.getShape() + " is on " + array.getDevice()
                    + ", where the host cannot read it; copy it to the CPU first");
        }
    }

    /**
     * Refuses a view whose elements are not adjacent.
     *
     * @param array array of any device
     * @throws IllegalArgumentException if there are gaps between its elements, or they are in another order
     */
    public static void requireContiguous(NDArray array) {
        Shape shape = array.getShape();
        if (shape.dimension() == 0 || shape.size() == 0) {
            return;
        }
        Pointer strides = pointer("aoti_torch_get_strides", array);
        long expected = 1;
        for (int axis = shape.dimension() - 1; axis >= 0; axis--) {
            if (shape.get(axis) > 1 && strides.getLong((long) axis * Long.BYTES) != expected) {
                throw new IllegalArgumentException("an array of shape " + shape + " is not contiguous; copy it first");
            }
            expected *= shape.get(axis);
        }
    }

    private static Pointer pointer(String function, NDArray array) {
        PointerByReference result = new PointerByReference();
        invoke(function, array, result);
        return result.getValue();
    }

    private static void invoke(String function, NDArray array, Object... more) {
        Object[] arguments = new Object[more.length + 1];
        arguments[0] = new Pointer(((PtNDArray) array).getHandle());
        System.arraycopy(more, 0, arguments, 1, more.length);
        int error = Library.TORCH_CPU.getFunction(function).invokeInt(arguments);
        if (error != 0) {
            throw new IllegalStateException(function + " failed for an array of shape " + array.getShape());
        }
    }
}
