package io.github.gptmoe.core.kernel;

/**
 * The part of NCCL's C interface (nccl.h, version 2.7 and later) that we use, method for function. Communicators, streams and
 * buffers are native addresses; counts are elements. Operations return when they are queued on the stream. A function that
 * reports an error ends in a {@link DeviceException} with NCCL's text.
 */
public interface Nccl {
    /** Bytes of {@code ncclUniqueId}. */
    int UNIQUE_ID_BYTES = 128;

    /** {@code ncclSuccess}. */
    int SUCCESS = 0;

    /** {@code ncclInProgress}: no error yet. */
    int IN_PROGRESS = 7;

    /**
     * {@code ncclGetVersion}.
     *
     * @return for example 22602 for 2.26.2
     */
    int version();

    /**
     * {@code ncclGetUniqueId}: opens the port at which the ranks of a communicator will meet; called by one of them.
     *
     * @return {@link #UNIQUE_ID_BYTES} bytes that all ranks must be given
     */
    byte[] uniqueId();

    /**
     * {@code ncclCommInitRank}: joins a communicator on the calling thread's device, and waits for all its ranks.
     *
     * @param worldSize ranks
     * @param uniqueId of the communicator
     * @param rank this one
     * @return the communicator
     */
    long initialize(int worldSize, byte[] uniqueId, int rank);

    /**
     * {@code ncclAllReduce} with {@code ncclSum}.
     *
     * @param send input
     * @param receive output; may be the input
     * @param count elements
     * @param type of the elements
     * @param communicator of the rank
     * @param stream to queue on
     */
    void allReduce(long send, long receive, long count, NcclType type, long communicator, long stream);

    /**
     * {@code ncclReduceScatter} with {@code ncclSum}.
     *
     * @param send input, {@code count} elements for each rank
     * @param receive output
     * @param count elements of the output
     * @param type of the elements
     * @param communicator of the rank
     * @param stream to queue on
     */
    void reduceScatter(long send, long receive, long count, NcclType type, long communicator, long stream);

    /**
     * {@code ncclAllGather}.
     *
     * @param send input
     * @param receive output, {@code count} elements of each rank
     * @param count elements of the input
     * @param type of the elements
     * @param communicator of the rank
     * @param stream to queue on
     */
    void allGather(long send, long receive, long count, NcclType type, long communicator, long stream);

    /**
     * {@code ncclBroadcast} in place.
     *
     * @param buffer input of the root, output of the others
     * @param count elements
     * @param type of the elements
     * @param root whose values everyone gets
     * @param communicator of the rank
     * @param stream to queue on
     */
    void broadcast(long buffer, long count, NcclType type, int root, long communicator, long stream);

    /**
     * {@code ncclSend}.
     *
     * @param buffer input
     * @param count elements
     * @param type of the elements
     * @param peer rank that receives
     * @param communicator of the rank
     * @param stream to queue on
     */
    void send(long buffer, long count, NcclType type, int peer, long communicator, long stream);

    /**
     * {@code ncclRecv}.
     *
     * @param buffer output
     * @param count elements
     * @param type of the elements
     * @param peer rank that sends
     * @param communicator of the rank
     * @param stream to queue on
     */
    void receive(long buffer, long count, NcclType type, int peer, long communicator, long stream);

    /** {@code ncclGroupStart}: the calling thread's operations up to {@link #groupEnd} run as one. */
    void groupStart();

    /** {@code ncclGroupEnd}. */
    void groupEnd();

    /**
     * {@code ncclCommGetAsyncError}: what went wrong after an operation was queued; callable from any thread.
     *
     * @param communicator of the rank
     * @return a {@code ncclResult_t}: {@link #SUCCESS}, {@link #IN_PROGRESS}, or an error
     */
    int asyncError(long communicator);

    /**
     * {@code ncclGetErrorString}.
     *
     * @param result a {@code ncclResult_t}
     * @return NCCL's words for it
     */
    String describe(int result);

    /**
     * {@code ncclCommAbort}: ends operations under way, which leave their outputs undefined, and frees the communicator;
     * callable from any thread.
     *
     * @param communicator of the rank; of no further use
     */
    void abort(long communicator);

    /**
     * {@code ncclCommDestroy}: frees a communicator whose operations have completed.
     *
     * @param communicator of the rank; of no further use
     */
    void destroy(long communicator);
}
