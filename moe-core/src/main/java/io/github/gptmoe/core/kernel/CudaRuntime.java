package io.github.gptmoe.core.kernel;

/**
 * The part of the CUDA runtime's C interface that streams beside libtorch's need, method for function. Streams, events and
 * memory are native addresses. A function that reports an error ends in a {@link DeviceException} with CUDA's text.
 */
public interface CudaRuntime {
    /** The stream that libtorch, and so DJL, computes on: the default stream of the calling thread's device. */
    long COMPUTE_STREAM = 0;

    /**
     * {@code cudaGetDeviceCount}.
     *
     * @return devices that this process sees
     */
    int deviceCount();

    /**
     * {@code cudaSetDevice}, for the calling thread.
     *
     * @param device number of the device in this process
     */
    void setDevice(int device);

    /**
     * {@code cudaStreamCreateWithFlags(cudaStreamNonBlocking)}: a stream that does not wait for the default stream.
     *
     * @return a stream of the current device
     */
    long createStream();

    /**
     * {@code cudaStreamDestroy}.
     *
     * @param stream of no further use
     */
    void destroyStream(long stream);

    /**
     * {@code cudaEventCreateWithFlags(cudaEventDisableTiming)}.
     *
     * @return an event of the current device
     */
    long createEvent();

    /**
     * {@code cudaEventDestroy}.
     *
     * @param event of no further use
     */
    void destroyEvent(long event);

    /**
     * {@code cudaEventRecord}.
     *
     * @param event is reached when what is queued on the stream now has been done
     * @param stream a stream
     */
    void record(long event, long stream);

    /**
     * {@code cudaStreamWaitEvent}: what is queued on the stream from now on waits for the event as it was last recorded; the
     * host does not.
     *
     * @param stream that waits
     * @param event waited for
     */
    void waitFor(long stream, long event);

    /**
     * {@code cudaEventQuery}.
     *
     * @param event recorded before
     * @return whether it has been reached
     */
    boolean reached(long event);

    /**
     * {@code cudaMalloc}.
     *
     * @param bytes at least 1
     * @return memory of the current device
     */
    long allocate(long bytes);

    /**
     * {@code cudaFree}.
     *
     * @param memory of no further use
     */
    void free(long memory);

    /**
     * {@code cudaMemcpyAsync} from the host and {@code cudaStreamSynchronize}: waits for all that is queued on the stream.
     *
     * @param device destination
     * @param values source
     * @param stream to queue on
     */
    void copyToDevice(long device, double[] values, long stream);

    /**
     * {@code cudaMemcpyAsync} to the host and {@code cudaStreamSynchronize}: waits for all that is queued on the stream.
     *
     * @param values destination
     * @param device source
     * @param stream to queue on
     */
    void copyToHost(double[] values, long device, long stream);

    /**
     * {@code cudaMemcpyAsync} from the host, which does not wait for it.
     *
     * @param device destination
     * @param host source; must stay as it is until the copy is done. If it is not page-locked, CUDA may copy it elsewhere first
     * @param bytes number of bytes
     * @param stream to queue on
     */
    void queueToDevice(long device, long host, long bytes, long stream);

    /**
     * {@code cudaMemcpyAsync} to the host, which does not wait for it if the memory is page-locked.
     *
     * @param host destination; must not be read before the copy is done
     * @param device source
     * @param bytes number of bytes
     * @param stream to queue on
     */
    void queueToHost(long host, long device, long bytes, long stream);

    /**
     * {@code cudaHostRegister(cudaHostRegisterPortable)}: page-locks host memory, for all devices.
     *
     * @param host begins a page
     * @param bytes whole pages, of which none is locked yet
     */
    void lockHost(long host, long bytes);

    /**
     * {@code cudaHostUnregister}; to be called before the memory is freed.
     *
     * @param host what was given to {@link #lockHost}
     */
    void unlockHost(long host);
}
