package io.github.gptmoe.train.collective;

import io.github.gptmoe.core.kernel.CudaRuntime;
import io.github.gptmoe.core.kernel.DeviceException;
import io.github.gptmoe.core.kernel.Nccl;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A rank's communicator with the CUDA stream its operations are queued on, beside libtorch's, and a thread that watches them:
 * an error of NCCL, an operation that is not done by the deadline, or a failure elsewhere aborts the communicator, which ends
 * operations that would wait for ever.
 */
final class NcclStream implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NcclStream.class);
    private static final Duration POLL = Duration.ofMillis(10);

    /** An abort frees the communicator, so a call into NCCL that is about to return may do so first. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Nccl nccl;
    private final CudaRuntime cuda;
    private final NcclMember member;
    private final FirstFailure failure;
    private final Duration deadline;
    private final long communicator;
    private final long stream;
    private final boolean ownsStream;
    private final long computed;
    private final ConcurrentLinkedQueue<Flight> flights = new ConcurrentLinkedQueue<>();
    /** Events that are not in use; the rank's thread only. */
    private final Deque<Long> events = new ArrayDeque<>();

    private final ReentrantLock calling = new ReentrantLock();
    private final Thread watch;
    private volatile boolean aborted;
    private volatile boolean closed;

    /** An operation between being called and being done. */
    static final class Flight {
        private final String operation;
        private final long event;
        private final long began = System.nanoTime();
        private volatile boolean queued;
        private volatile boolean done;
        /** Nobody will wait for the event any more; the rank's thread only. */
        private boolean finished;

        private Flight(String operation, long event) {
            this.operation = operation;
            this.event = event;
        }
    }

    /**
     * Takes over a communicator; called by the rank's thread, whose current device is the rank's. With the stream of {@code
     * beside}, which must be closed later, or with one of its own.
     */
    NcclStream(
            Nccl nccl,
            CudaRuntime cuda,
            NcclMember member,
            long communicator,
            FirstFailure failure,
            Duration deadline,
            @Nullable NcclStream beside) {
        this.nccl = nccl;
        this.cuda = cuda;
        this.member = member;
        this.communicator = communicator;
        this.failure = failure;
        this.deadline = deadline;
        ownsStream = beside == null;
        stream = beside == null ? cuda.createStream() : beside.stream;
        computed = cuda.createEvent();
        watch = new Thread(this::watch, "nccl-watch-" + member.rank());
        watch.setDaemon(true);
        watch.start();
    }

    long stream() {
        return stream;
    }

    long communicator() {
        return communicator;
    }

    /**
     * Queues an operation behind what has been computed so far.
     *
     * @param operation in words
     * @param calls into NCCL
     * @return to be {@linkplain #finish finished} or {@linkplain #await awaited}
     */
    Flight launch(String operation, Runnable calls) {
        failure.check();
        try {
            // Streams of number 0 are those of the current device, and others may have changed this thread's.
            cuda.setDevice(member.device());
            recycle();
            Flight flight = new Flight(operation, events.isEmpty() ? cuda.createEvent() : events.pop());
            // Watched from here: the calls themselves may wait for other ranks.
            flights.add(flight);
            queue(flight, calls);
            return flight;
        } catch (DeviceException thrown) {
            throw failure.set("rank " + member.rank() + ", " + operation + ": " + thrown.getMessage(), thrown);
        }
    }

    private void queue(Flight flight, Runnable calls) {
        calling.lock();
        try {
            if (aborted) {
                failure.check();
            }
            cuda.record(computed, CudaRuntime.COMPUTE_STREAM);
            cuda.waitFor(stream, computed);
            calls.run();
            cuda.record(flight.event, stream);
            flight.queued = true;
        } finally {
            calling.unlock();
        }
    }

    private void recycle() {
        for (Flight head = flights.peek(); head != null && head.finished; head = flights.peek()) {
            if (!head.done && !cuda.reached(head.event)) {
                return;
            }
            head.done = true;
            flights.remove();
            events.push(head.event);
        }
    }

    /** Makes what is computed from now on wait for an operation. */
    void finish(Flight flight) {
        failure.check();
        try {
            cuda.setDevice(member.device());
            cuda.waitFor(CudaRuntime.COMPUTE_STREAM, flight.event);
        } catch (DeviceException thrown) {
            throw failure.set("rank " + member.rank() + ", " + flight.operation + ": " + thrown.getMessage(), thrown);
        }
        flight.finished = true;
    }

    /** Makes the host wait for an operation. */
    void await(Flight flight) {
        while (!flight.done) {
            failure.check();
            if (Thread.interrupted()) {
                Thread.currentThread().interrupt();
                throw failure.set("rank " + member.rank() + " was interrupted in " + flight.operation, null);
            }
            try {
                flight.done = cuda.reached(flight.event);
            } catch (DeviceException thrown) {
                throw failure.set(
                        "rank " + member.rank() + ", " + flight.operation + ": " + thrown.getMessage(), thrown);
            }
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(10));
        }
        // An abort, too, lets the device reach the event.
        failure.check();
        flight.finished = true;
    }

    private void watch() {
        try {
            cuda.setDevice(member.device());
            while (!closed && failure.get().isEmpty()) {
                poll();
                LockSupport.parkNanos(POLL.toNanos());
            }
        } catch (RuntimeException thrown) {
            failure.set("rank " + member.rank() + ": " + thrown.getMessage(), thrown);
        }
        if (failure.get().isPresent()) {
            abort();
        }
    }

    private void poll() {
        int error = nccl.asyncError(communicator);
        if (error != Nccl.SUCCESS && error != Nccl.IN_PROGRESS) {
            Flight oldest = flights.peek();
            String where = oldest == null ? "" : ", " + oldest.operation;
            throw new DeviceException("NCCL reports " + nccl.describe(error) + where);
        }
        for (Flight flight : flights) {
            if (!flight.done && !(flight.queued && cuda.reached(flight.event))) {
                // An event that is unreached because it serves a later operation already: then this one is done.
                if (!flight.done && System.nanoTime() - flight.began > deadline.toNanos()) {
                    throw new DeviceException(flight.operation + " was not done within " + deadline.toMillis() / 1e3
                            + " s: some rank did not come to it, or the network is down");
                }
                return;
            }
            flight.done = true;
        }
    }

    private void abort() {
        boolean free = false;
        try {
            free = calling.tryLock(GRACE.toMillis(), TimeUnit.MILLISECONDS);
            aborted = true;
            nccl.abort(communicator);
        } catch (DeviceException thrown) {
            LOG.warn("rank {}: {}", member.rank(), thrown.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            if (free) {
                calling.unlock();
            }
        }
    }

    /**
     * Waits for what is queued and frees all. After a failure only the communicator is given up: the device may hang in what
     * else there is, and the process is about to end.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        try {
            Flight last = null;
            for (Flight flight : flights) {
                last = flight;
            }
            if (last != null) {
                await(last);
            }
        } finally {
            closed = true;
            joinWatch();
        }
        cuda.setDevice(member.device());
        nccl.destroy(communicator);
        flights.forEach(flight -> cuda.destroyEvent(flight.event));
        events.forEach(cuda::destroyEvent);
        cuda.destroyEvent(computed);
        if (ownsStream) {
            cuda.destroyStream(stream);
        }
    }

    private void joinWatch() {
        LockSupport.unpark(watch);
        try {
            watch.join(5 * GRACE.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        failure.check();
    }
}
