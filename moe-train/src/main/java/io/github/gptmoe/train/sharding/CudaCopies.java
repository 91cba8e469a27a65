package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.CudaRuntime;
import io.github.gptmoe.core.kernel.DeviceException;
import io.github.gptmoe.core.kernel.FlatArrays;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.TensorStorage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of a GPU on two CUDA streams of their own, one for each direction, so that both directions of the bus and the host work
 * at once. Host memory is page-locked by {@code cudaHostRegister} on arrays that libtorch has allocated: its own page-locked
 * arrays would have sizes rounded up to powers of two. Each array has its pages to itself, as none may be locked twice. Not
 * run on a GPU yet.
 */
public final class CudaCopies implements HostCopies {
    private static final Logger LOG = LoggerFactory.getLogger(CudaCopies.class);

    /** Of the processors that CUDA runs on: 4 KiB, or 64 KiB on some ARM systems. */
    private static final long PAGE = 1 << 16;

    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(10);

    private final CudaRuntime cuda;
    private final int device;
    private final long down;
    private final long up;
    private final long computed;
    private final Deque<Flight> flights = new ArrayDeque<>();
    private final Deque<Long> events = new ArrayDeque<>();
    private final List<Long> locked = new ArrayList<>();
    private boolean lockable = true;

    /**
     * Makes the streams.
     *
     * @param cuda the runtime
     * @param device number of the GPU
     */
    public CudaCopies(CudaRuntime cuda, int device) {
        this.cuda = cuda;
        this.device = device;
        cuda.setDevice(device);
        down = cuda.createStream();
        up = cuda.createStream();
        computed = cuda.createEvent();
    }

    @Override
    public NDArray allocate(NDManager host, Precision precision, long elements) {
        long size = (elements * precision.bytes() + PAGE - 1) / PAGE * PAGE;
        NDArray memory = precision.zeros(host, new Shape((size + PAGE) / precision.bytes()));
        long address = TensorStorage.address(memory);
        long start = (address + PAGE - 1) / PAGE * PAGE;
        lock(start, size);
        return FlatArrays.view(host, memory, (start - address) / precision.bytes(), new Shape(elements));
    }

    private void lock(long start, long size) {
        if (!lockable) {
            return;
        }
        try {
            cuda.setDevice(device);
            cuda.lockHost(start, size);
            locked.add(start);
        } catch (DeviceException refused) {
            lockable = false;
            LOG.warn(
                    "GPU {}: {} bytes of host memory cannot be page-locked, so copies to and from it are slow and do not go"
                            + " on beside the update; raise the limit of locked memory (ulimit -l): {}",
                    device,
                    size,
                    refused.getMessage());
        }
    }

    @Override
    public Copy toHost(NDArray host, NDArray source) {
        long into = TensorStorage.address(host);
        long from = TensorStorage.address(source);
        return begin(down, () -> cuda.queueToHost(into, from, TensorStorage.bytes(host), down));
    }

    @Override
    public Copy toDevice(NDArray target, NDArray host) {
        long into = TensorStorage.address(target);
        long from = TensorStorage.address(host);
        return begin(up, () -> cuda.queueToDevice(into, from, TensorStorage.bytes(host), up));
    }

    private Copy begin(long stream, Runnable copy) {
        // Stream 0 is that of the current device, and others may have changed this thread's.
        cuda.setDevice(device);
        cuda.record(computed, CudaRuntime.COMPUTE_STREAM);
        cuda.waitFor(stream, computed);
        copy.run();
        Flight flight = new Flight(events.isEmpty() ? cuda.createEvent() : events.pop());
        cuda.record(flight.event, stream);
        flights.add(flight);
        return flight;
    }

    /** A copy between being begun and being awaited. */
    private final class Flight implements Copy {
        private final long event;
        private boolean done;

        Flight(long event) {
            this.event = event;
        }

        @Override
        public void await() {
            if (done) {
                return;
            }
            while (!cuda.reached(event)) {
                if (Thread.interrupted()) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted in a copy between host and GPU " + device);
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
            done = true;
            flights.remove(this);
            events.push(event);
        }
    }

    @Override
    public void close() {
        cuda.setDevice(device);
        while (!flights.isEmpty()) {
            flights.element().await();
        }
        locked.forEach(cuda::unlockHost);
        locked.clear();
        events.forEach(cuda::destroyEvent);
        events.clear();
        cuda.destroyEvent(computed);
        cuda.destroyStream(down);
        cuda.destroyStream(up);
    }
}
