package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.LibUtils;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
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
     */
    public static List<ByteBuffer> of(NDArray array, long bytes) {
        PointerByReference data = new PointerByReference();
        int error = Library.TORCH_CPU
                .getFunction("aoti_torch_get_data_ptr")
                .invokeInt(new Object[] {new Pointer(((PtNDArray) array).getHandle()), data});
        if (error != 0) {
            throw new IllegalStateException("libtorch gave no data pointer for " + array.getShape());
        }
        List<ByteBuffer> buffers = new ArrayList<>();
        for (long at = 0; at < bytes; at += CHUNK) {
            long size = Math.min(CHUNK, bytes - at);
            buffers.add(data.getValue().getByteBuffer(at, size).order(ByteOrder.nativeOrder()));
        }
        return buffers;
    }
}
