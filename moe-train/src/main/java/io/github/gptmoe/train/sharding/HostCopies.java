package io.github.gptmoe.train.sharding;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.CudaLibrary;
import io.github.gptmoe.core.kernel.Precision;

/**
 * Copies between a rank's device and its host. They go on while the host works, in each direction in the order in which they
 * were begun; what was computed on the device before a copy was begun is done before it. For the rank's thread.
 */
public interface HostCopies extends AutoCloseable {
    /** A copy that may be under way. */
    @FunctionalInterface
    interface Copy {
        /** There was nothing to copy. */
        Copy NONE = () -> {};

        /** Makes the host wait until it is done; at once if that was waited for before. */
        void await();
    }

    /**
     * The copies of a device.
     *
     * @param device of the rank
     * @return those of CUDA for a GPU; on a CPU, where host and device are the same memory, plain ones
     * @throws io.github.gptmoe.core.kernel.DeviceException if it is a GPU and there is no CUDA runtime
     */
    static HostCopies of(Device device) {
        return device.isGpu() ? new CudaCopies(CudaLibrary.load(), device.getDeviceId()) : new ImmediateCopies();
    }

    /**
     * Makes host memory that copies go to and from.
     *
     * @param host manager on the CPU, which is not to be closed before these copies
     * @param precision of the elements
     * @param elements how many, at least 1
     * @return zeros, attached to {@code host}, flat
     */
    NDArray allocate(NDManager host, Precision precision, long elements);

    /**
     * Begins a copy from the device.
     *
     * @param host destination, from {@link #allocate} or a view of such an array; not to be touched before the copy is done
     * @param device source, contiguous, as many elements of the same precision
     * @return to be awaited
     */
    Copy toHost(NDArray host, NDArray device);

    /**
     * Begins a copy to the device.
     *
     * @param device destination, contiguous
     * @param host source, as above, as many elements of the same precision; not to be changed before the copy is done
     * @return to be awaited before anything on the device reads what was copied
     */
    Copy toDevice(NDArray device, NDArray host);

    /** Waits for what is under way. Memory that was allocated stays, but is memory like any other from now on. */
    @Override
    void close();
}
