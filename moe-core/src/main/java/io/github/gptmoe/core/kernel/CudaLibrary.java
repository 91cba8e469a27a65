package io.github.gptmoe.core.kernel;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The CUDA runtime through JNA. */
public final class CudaLibrary implements CudaRuntime {
    private static final int SUCCESS = 0;
    private static final int NOT_READY = 600;
    private static final int STREAM_NON_BLOCKING = 1;
    private static final int EVENT_DISABLE_TIMING = 2;
    private static final int HOST_TO_DEVICE = 1;
    private static final int DEVICE_TO_HOST = 2;
    private static final int HOST_REGISTER_PORTABLE = 1;

    private final NativeSymbols symbols;

    CudaLibrary(NativeSymbols symbols) {
        this.symbols = symbols;
    }

    /**
     * Finds the CUDA runtime: the one that libtorch's CUDA library uses, one beside it, or the system's. All of a process share
     * a device's context, so streams and events of one are good for the others.
     *
     * @return the library
     * @throws DeviceException if there is none; names all places
     */
    public static CudaLibrary load() {
        return new CudaLibrary(NativeSymbols.search(
                "The CUDA runtime",
                "cudaStreamCreateWithFlags",
                candidates(NativeSymbols.libtorch()),
                "use a CUDA build of libtorch (PYTORCH_LIBRARY_PATH names its folder)"));
    }

    static List<String> candidates(Path libtorch) {
        List<String> candidates = new ArrayList<>(NativeSymbols.beside(libtorch, "libcudart"));
        candidates.addAll(List.of("libcudart.so.12", "libcudart.so.13", "libcudart.so"));
        return candidates;
    }

    @Override
    public int deviceCount() {
        IntByReference count = new IntByReference();
        call("cudaGetDeviceCount", count);
        return count.getValue();
    }

    @Override
    public void setDevice(int device) {
        call("cudaSetDevice", device);
    }

    @Override
    public long createStream() {
        PointerByReference stream = new PointerByReference();
        call("cudaStreamCreateWithFlags", stream, STREAM_NON_BLOCKING);
        return Pointer.nativeValue(stream.getValue());
    }

    @Override
    public void destroyStream(long stream) {
        call("cudaStreamDestroy", new Pointer(stream));
    }

    @Override
    public long createEvent() {
        PointerByReference event = new PointerByReference();
        call("cudaEventCreateWithFlags", event, EVENT_DISABLE_TIMING);
        return Pointer.nativeValue(event.getValue());
    }

    @Override
    public void destroyEvent(long event) {
        call("cudaEventDestroy", new Pointer(event));
    }

    @Override
    public void record(long event, long stream) {
        call("cudaEventRecord", new Pointer(event), new Pointer(stream));
    }

    @Override
    public void waitFor(long stream, long event) {
        call("cudaStreamWaitEvent", new Pointer(stream), new Pointer(event), 0);
    }

    @Override
    public boolean reached(long event) {
        int result = symbols.find("cudaEventQuery").invokeInt(new Object[] {new Pointer(event)});
        if (result == NOT_READY) {
            return false;
        }
        require("cudaEventQuery", result);
        return true;
    }

    @Override
    public long allocate(long bytes) {
        PointerByReference memory = new PointerByReference();
        call("cudaMalloc", memory, bytes);
        return Pointer.nativeValue(memory.getValue());
    }

    @Override
    public void free(long memory) {
        call("cudaFree", new Pointer(memory));
    }

    @Override
    public void copyToDevice(long device, double[] values, long stream) {
        try (Memory host = new Memory((long) values.length * Double.BYTES)) {
            host.write(0, values, 0, values.length);
            copy(new Pointer(device), host, host.size(), HOST_TO_DEVICE, stream);
        }
    }

    @Override
    public void copyToHost(double[] values, long device, long stream) {
        try (Memory host = new Memory((long) values.length * Double.BYTES)) {
            copy(host, new Pointer(device), host.size(), DEVICE_TO_HOST, stream);
            host.read(0, values, 0, values.length);
        }
    }

    @Override
    public void queueToDevice(long device, long host, long bytes, long stream) {
        call("cudaMemcpyAsync", new Pointer(device), new Pointer(host), bytes, HOST_TO_DEVICE, new Pointer(stream));
    }

    @Override
    public void queueToHost(long host, long device, long bytes, long stream) {
        call("cudaMemcpyAsync", new Pointer(host), new Pointer(device), bytes, DEVICE_TO_HOST, new Pointer(stream));
    }

    @Override
    public void lockHost(long host, long bytes) {
        call("cudaHostRegister", new Pointer(host), bytes, HOST_REGISTER_PORTABLE);
    }

    @Override
    public void unlockHost(long host) {
        call("cudaHostUnregister", new Pointer(host));
    }

    /** Waits for the copy: host memory that is not page-locked may otherwise be read after it has been given back. */
    private void copy(Pointer into, Pointer from, long bytes, int kind, long stream) {
        call("cudaMemcpyAsync", into, from, bytes, kind, new Pointer(stream));
        call("cudaStreamSynchronize", new Pointer(stream));
    }

    private void call(String function, Object... arguments) {
        require(function, symbols.find(function).invokeInt(arguments));
    }

    private void require(String function, int result) {
        if (result != SUCCESS) {
            String text = symbols.find("cudaGetErrorString").invokeString(new Object[] {result}, false);
            throw new DeviceException(function + " failed: " + text + " (cudaError_t " + result + ")");
        }
    }
}
