package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaLibraryTest {
    private static final long MADE = 0x7f00_0000_9990L;

    private final NativeFake fake = new NativeFake();
    private final CudaLibrary cuda =
            new CudaLibrary(fake.with("cudaGetErrorString", (NativeFake.Text) code -> "text of " + code));

    @Test
    void streamsAndEventsAreMadeForOverlap() {
        fake.with("cudaSetDevice", (NativeFake.Number) device -> fake.called("device", device))
                .with("cudaStreamCreateWithFlags", (NativeFake.OneAndFlags) (into, flags) -> {
                    into.setPointer(0, new Pointer(MADE));
                    return fake.called("stream", flags);
                })
                .with("cudaEventCreateWithFlags", (NativeFake.OneAndFlags) (into, flags) -> {
                    into.setPointer(0, new Pointer(MADE + 1));
                    return fake.called("event", flags);
                })
                .with("cudaEventRecord", (NativeFake.Two) (event, stream) -> fake.called("record", event, stream))
                .with("cudaStreamWaitEvent", (NativeFake.TwoAndFlags)
                        (stream, event, flags) -> fake.called("wait", stream, event, flags))
                .with("cudaEventDestroy", (NativeFake.One) event -> fake.called("destroyEvent", event))
                .with("cudaStreamDestroy", (NativeFake.One) stream -> fake.called("destroyStream", stream));
        cuda.setDevice(3);
        long stream = cuda.createStream();
        long event = cuda.createEvent();
        cuda.record(event, CudaRuntime.COMPUTE_STREAM);
        cuda.waitFor(stream, event);
        cuda.destroyEvent(event);
        cuda.destroyStream(stream);
        assertThat(fake.calls)
                .containsExactly(
                        "device 3",
                        "stream 1",
                        "event 2",
                        "record 0x7f0000009991 0x0",
                        "wait 0x7f0000009990 0x7f0000009991 0",
                        "destroyEvent 0x7f0000009991",
                        "destroyStream 0x7f0000009990");
    }

    @Test
    void notReadyIsNoError() {
        fake.with("cudaEventQuery", (NativeFake.One) event -> fake.result);
        assertThat(cuda.reached(MADE)).isTrue();
        fake.result = 600;
        assertThat(cuda.reached(MADE)).isFalse();
        fake.result = 700;
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> cuda.reached(MADE))
                .withMessage("cudaEventQuery failed: text of 700 (cudaError_t 700)");
    }

    @Test
    void numbersTravelToTheDeviceAndBack() {
        try (Memory device = new Memory(64)) {
            fake.with("cudaMalloc", (NativeFake.OneAndSize) (into, size) -> {
                        into.setPointer(0, device);
                        return fake.called("malloc", size);
                    })
                    .with("cudaFree", (NativeFake.One) memory -> fake.called("free"))
                    .with("cudaStreamSynchronize", (NativeFake.One) stream -> fake.called("synchronize", stream))
                    .with("cudaMemcpyAsync", (NativeFake.Copy) (into, from, bytes, kind, stream) -> {
                        into.write(0, from.getByteArray(0, (int) bytes), 0, (int) bytes);
                        return fake.called("copy", bytes, kind, stream);
                    });
            long memory = cuda.allocate(64);
            cuda.copyToDevice(memory, new double[] {1.5, -2, 1e300}, MADE);
            double[] back = new double[3];
            cuda.copyToHost(back, memory, MADE);
            cuda.free(memory);
            assertThat(back).containsExactly(1.5, -2, 1e300);
        }
        assertThat(fake.calls)
                .containsExactly(
                        "malloc 64",
                        "copy 24 1 0x7f0000009990",
                        "synchronize 0x7f0000009990",
                        "copy 24 2 0x7f0000009990",
                        "synchronize 0x7f0000009990",
                        "free ");
    }

    @Test
    void queuedCopiesAreNotWaitedFor() {
        try (Memory device = new Memory(16);
                Memory host = new Memory(16)) {
            fake.with("cudaMemcpyAsync", (NativeFake.Copy) (into, from, bytes, kind, stream) -> {
                into.write(0, from.getByteArray(0, (int) bytes), 0, (int) bytes);
                return fake.called("copy", bytes, kind, stream);
            });
            device.setLong(8, 0x1234_5678_9abc_def0L);
            host.setLong(8, 0);
            cuda.queueToHost(Pointer.nativeValue(host), Pointer.nativeValue(device), 16, MADE);
            assertThat(host.getLong(8)).isEqualTo(0x1234_5678_9abc_def0L);
            host.setLong(0, 77);
            cuda.queueToDevice(Pointer.nativeValue(device), Pointer.nativeValue(host), 8, MADE + 1);
            assertThat(device.getLong(0)).isEqualTo(77);
        }
        assertThat(fake.calls).containsExactly("copy 16 2 0x7f0000009990", "copy 8 1 0x7f0000009991");
    }

    @Test
    void hostMemoryIsLockedForAllDevices() {
        fake.with("cudaHostRegister", (NativeFake.OneAndSizeAndFlags)
                        (host, size, flags) -> fake.called("register", host, size, flags))
                .with("cudaHostUnregister", (NativeFake.One) host -> fake.called("unregister", host));
        long size = 5L << 32; // more than an int holds
        cuda.lockHost(MADE, size);
        cuda.unlockHost(MADE);
        assertThat(fake.calls).containsExactly("register 0x7f0000009990 " + size + " 1", "unregister 0x7f0000009990");
        fake.result = 712;
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> cuda.lockHost(MADE, size))
                .withMessage("cudaHostRegister failed: text of 712 (cudaError_t 712)");
    }

    @Test
    void devicesAreCounted() {
        fake.with("cudaGetDeviceCount", (NativeFake.One) into -> {
            into.setInt(0, 8);
            return fake.result;
        });
        assertThat(cuda.deviceCount()).isEqualTo(8);
        fake.result = 35;
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(cuda::deviceCount)
                .withMessageContaining("text of 35");
    }

    @Test
    void theRuntimeThatLibtorchBringsComesFirst(@TempDir Path folder) throws IOException {
        Path hashed = Files.createFile(folder.resolve("libcudart-9335f6a2.so.12"));
        assertThat(CudaLibrary.candidates(folder))
                .startsWith(folder.resolve(System.mapLibraryName("torch_cuda")).toString(), hashed.toString())
                .contains("libcudart.so.12");
    }
}
