package io.github.gptmoe.train.collective;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.gptmoe.core.kernel.CudaRuntime;
import io.github.gptmoe.core.kernel.DeviceException;
import io.github.gptmoe.core.kernel.Nccl;
import io.github.gptmoe.core.kernel.NcclType;
import io.github.gptmoe.core.kernel.TensorStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Ranks on GPUs, of one or several processes, that communicate through NCCL. Each has a communicator and a stream beside
 * libtorch's: an operation waits for what was computed before it, and what is computed after it (or after {@link
 * Pending#finish}) waits for it, while the host goes on. Only {@link #allReduce(double[])} and {@link #barrier} make the host
 * wait.
 *
 * <p>NCCL cannot tell that ranks call different operations, or that {@code allToAll} rows differ from what is expected; that
 * ends at the deadline. An operation must be done within the deadline after its call, with all that is computed before it.
 * Whatever fails, on this rank or told through the {@link FirstFailure}, aborts the communicator, so that nothing waits for
 * ever; what the device has computed since is worthless, and the next call of any operation says so.
 */
public final class NcclProcessGroup implements ProcessGroup, AutoCloseable {
    private static final long JOIN_POLL_MILLIS = 20;

    private final Nccl nccl;
    private final CudaRuntime cuda;
    private final NcclMember member;
    private final FirstFailure failure;
    private final Duration deadline;
    private final NcclStream stream;
    private Traffic traffic = Traffic.NONE;
    private long scratch;
    private long scratchBytes;

    private NcclProcessGroup(
            Nccl nccl,
            CudaRuntime cuda,
            NcclMember member,
            FirstFailure failure,
            Duration deadline,
            NcclStream stream) {
        this.nccl = nccl;
        this.cuda = cuda;
        this.member = member;
        this.failure = failure;
        this.deadline = deadline;
        this.stream = stream;
    }

    /**
     * Joins the group and waits for all its ranks; called by each rank's thread, which then uses the result.
     *
     * @param nccl library
     * @param cuda library
     * @param member which rank, on which device
     * @param uniqueId from {@link Nccl#uniqueId}, the same for all ranks
     * @param failure of all ranks of this process, and of what connects it with others
     * @param deadline for joining, and for every operation
     * @return the membership
     * @throws CollectiveException if some rank does not come or NCCL refuses
     */
    public static NcclProcessGroup join(
            Nccl nccl, CudaRuntime cuda, NcclMember member, byte[] uniqueId, FirstFailure failure, Duration deadline) {
        return join(nccl, cuda, member, uniqueId, failure, deadline, null);
    }

    /**
     * Joins another group too, whose operations are queued behind those of this one: communicators whose operations run at the
     * same time can wait for each other for ever, if the device begins them in another order than a peer's does.
     *
     * @param other which rank of that group, on the same device
     * @param uniqueId as for {@link #join}
     * @return the membership; to be closed before this one
     * @throws CollectiveException if some rank does not come or NCCL refuses
     */
    public NcclProcessGroup joinBeside(NcclMember other, byte[] uniqueId) {
        return join(nccl, cuda, other, uniqueId, failure, deadline, stream);
    }

    private static NcclProcessGroup join(
            Nccl nccl,
            CudaRuntime cuda,
            NcclMember member,
            byte[] uniqueId,
            FirstFailure failure,
            Duration deadline,
            @Nullable NcclStream beside) {
        try {
            cuda.setDevice(member.device());
            long communicator = initialize(nccl, cuda, member, uniqueId, failure, deadline);
            NcclStream stream = new NcclStream(nccl, cuda, member, communicator, failure, deadline, beside);
            return new NcclProcessGroup(nccl, cuda, member, failure, deadline, stream);
        } catch (DeviceException thrown) {
            throw failure.set("rank " + member.rank() + ": " + thrown.getMessage(), thrown);
        }
    }

    /** On a thread of its own, because NCCL waits there for the other ranks without a deadline. */
    private static long initialize(
            Nccl nccl, CudaRuntime cuda, NcclMember member, byte[] uniqueId, FirstFailure failure, Duration deadline) {
        FutureTask<Long> joining = new FutureTask<>(() -> {
            cuda.setDevice(member.device());
            return nccl.initialize(member.worldSize(), uniqueId, member.rank());
        });
        Thread thread = new Thread(joining, "nccl-join-" + member.rank());
        thread.setDaemon(true);
        thread.start();
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            failure.check();
            try {
                return joining.get(JOIN_POLL_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException notYet) {
                if (System.nanoTime() > end) {
                    throw failure.set(
                            "rank " + member.rank() + ": not all of " + member.worldSize()
                                    + " ranks joined NCCL's communicator within " + deadline.toMillis() / 1e3 + " s",
                            null);
                }
            } catch (ExecutionException thrown) {
                Throwable cause = thrown.getCause() == null ? thrown : thrown.getCause();
                throw failure.set("rank " + member.rank() + ": " + cause.getMessage(), cause);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw failure.set("rank " + member.rank() + " was interrupted while joining", interrupted);
            }
        }
    }

    @Override
    public int rank() {
        return member.rank();
    }

    @Override
    public int worldSize() {
        return member.worldSize();
    }

    @Override
    public boolean overlaps() {
        return true;
    }

    @Override
    public Device device() {
        return Device.gpu(member.device());
    }

    @Override
    public void allReduce(NDArray array) {
        startAllReduce(array).finish();
    }

    @Override
    public Pending startAllReduce(NDArray array) {
        GroupArguments.requireSummable("allReduce", array);
        long at = TensorStorage.address(array);
        NcclType type = NcclType.of(array);
        NcclStream.Flight flight = stream.launch(
                "allReduce of " + GroupArguments.size(array),
                () -> nccl.allReduce(at, at, array.size(), type, stream.communicator(), stream.stream()));
        traffic = traffic.plusAllReduce(GroupArguments.bytes(array), worldSize());
        return () -> stream.finish(flight);
    }

    @Override
    public void reduceScatter(NDArray full, NDArray shard) {
        startReduceScatter(full, shard).finish();
    }

    @Override
    public Pending startReduceScatter(NDArray full, NDArray shard) {
        GroupArguments.requireShard("reduceScatter", full, shard, worldSize());
        GroupArguments.requireSameType("reduceScatter", full, shard);
        GroupArguments.requireSummable("reduceScatter", full);
        NcclType type = NcclType.of(full);
        long from = TensorStorage.address(full);
        long into = TensorStorage.address(shard);
        NcclStream.Flight flight = stream.launch(
                "reduceScatter of " + GroupArguments.size(full),
                () -> nccl.reduceScatter(from, into, shard.size(), type, stream.communicator(), stream.stream()));
        traffic = traffic.plusReduceScatter(GroupArguments.bytes(full), worldSize());
        return () -> stream.finish(flight);
    }

    @Override
    public void allGather(NDArray shard, NDArray full) {
        startAllGather(shard, full).finish();
    }

    @Override
    public Pending startAllGather(NDArray shard, NDArray full) {
        GroupArguments.requireShard("allGather", full, shard, worldSize());
        GroupArguments.requireSameType("allGather", shard, full);
        NcclType type = NcclType.of(full);
        long from = TensorStorage.address(shard);
        long into = TensorStorage.address(full);
        NcclStream.Flight flight = stream.launch(
                "allGather of " + GroupArguments.size(full),
                () -> nccl.allGather(from, into, shard.size(), type, stream.communicator(), stream.stream()));
        traffic = traffic.plusAllGather(GroupArguments.bytes(full), worldSize());
        return () -> stream.finish(flight);
    }

    @Override
    public void broadcast(NDArray array, int root) {
        GroupArguments.requireRoot(root, worldSize());
        NcclType type = NcclType.of(array);
        long at = TensorStorage.address(array);
        stream.finish(stream.launch(
                "broadcast from rank " + root + " of " + GroupArguments.size(array),
                () -> nccl.broadcast(at, array.size(), type, root, stream.communicator(), stream.stream())));
        traffic = traffic.plusBroadcast(GroupArguments.bytes(array), worldSize());
    }

    @Override
    public void allToAll(NDArray input, long[] sent, NDArray output, long[] received) {
        GroupArguments.requireExchange(input, sent, output, received, worldSize());
        NcclType type = NcclType.of(input);
        long row = GroupArguments.rowSize(input);
        long from = TensorStorage.address(input);
        long into = TensorStorage.address(output);
        stream.finish(
                stream.launch("allToAll of rows of " + row, () -> exchange(from, sent, into, received, row, type)));
        traffic = traffic.plusAllToAll(input, sent, rank());
    }

    /** Sends and receives as one operation: one after the other they would wait for each other. */
    private void exchange(long from, long[] sent, long into, long[] received, long row, NcclType type) {
        nccl.groupStart();
        try {
            long read = from;
            long written = into;
            for (int peer = 0; peer < worldSize(); peer++) {
                if (sent[peer] > 0) {
                    nccl.send(read, sent[peer] * row, type, peer, stream.communicator(), stream.stream());
                }
                if (received[peer] > 0) {
                    nccl.receive(written, received[peer] * row, type, peer, stream.communicator(), stream.stream());
                }
                read += sent[peer] * row * type.bytes();
                written += received[peer] * row * type.bytes();
            }
        } finally {
            nccl.groupEnd();
        }
    }

    @Override
    public double[] allReduce(double[] values) {
        return sum("allReduce of " + values.length + " numbers", values);
    }

    @Override
    public void barrier() {
        sum("barrier", new double[0]);
    }

    /** As the others do, but each rank sends its own bytes only: a table of all parameters has hundreds of kilobytes. */
    @Override
    public List<byte[]> exchange(byte[] own) {
        double[] sizes = gather("exchange of sizes", new double[] {own.length});
        int most = 1; // nothing cannot be gathered
        for (double size : sizes) {
            most = Math.max(most, PackedBytes.numbers((int) size));
        }
        double[] all = gather("exchange of bytes", PackedBytes.pack(own, most));
        List<byte[]> parts = new ArrayList<>();
        for (int rank = 0; rank < worldSize(); rank++) {
            parts.add(PackedBytes.unpack(all, rank * most, (int) sizes[rank]));
        }
        return parts;
    }

    /** Sums on the host, so that the order of the ranks is kept. One more number lets none be sent, too. */
    private double[] sum(String operation, double[] values) {
        double[] own = Arrays.copyOf(values, values.length + 1);
        double[] all = gather(operation, own);
        double[] sums = new double[values.length];
        for (int rank = 0; rank < worldSize(); rank++) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += all[rank * own.length + i];
            }
        }
        return sums;
    }

    /** The host numbers of all ranks, as many of each, at least one; the host waits for them. */
    private double[] gather(String operation, double[] own) {
        int count = own.length;
        double[] all = new double[Math.multiplyExact(count, worldSize())];
        NcclStream.Flight flight = stream.launch(operation, () -> {
            reserve(Math.addExact(own.length, all.length));
            cuda.copyToDevice(scratch, own, stream.stream());
            nccl.allGather(
                    scratch,
                    scratch + (long) count * Double.BYTES,
                    count,
                    NcclType.FLOAT64,
                    stream.communicator(),
                    stream.stream());
        });
        stream.await(flight);
        try {
            cuda.copyToHost(all, scratch + (long) count * Double.BYTES, stream.stream());
        } catch (DeviceException thrown) {
            throw failure.set("rank " + rank() + ", " + operation + ": " + thrown.getMessage(), thrown);
        }
        return all;
    }

    /** Makes room for host numbers on the device; the last use of the old room has been awaited. */
    private void reserve(long numbers) {
        long bytes = numbers * Double.BYTES;
        if (bytes <= scratchBytes) {
            return;
        }
        if (scratch != 0) {
            cuda.free(scratch);
            scratch = 0;
            scratchBytes = 0;
        }
        scratch = cuda.allocate(bytes);
        scratchBytes = bytes;
    }

    @Override
    public void fail(Throwable cause) {
        failure.set("rank " + rank() + " failed: " + cause, cause);
    }

    @Override
    public Traffic traffic() {
        return traffic;
    }

    /**
     * Waits for what is under way and leaves the group; called by the rank's thread.
     *
     * @throws CollectiveException if the group has failed; then the communicator has been aborted
     */
    @Override
    public void close() {
        stream.close();
        if (scratch != 0) {
            cuda.free(scratch);
            scratch = 0;
            scratchBytes = 0;
        }
    }
}
