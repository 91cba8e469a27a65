package io.github.gptmoe.train.collective;

import io.github.gptmoe.core.kernel.CudaRuntime;
import io.github.gptmoe.core.kernel.DeviceException;
import io.github.gptmoe.core.kernel.Nccl;
import io.github.gptmoe.core.kernel.NcclType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A rank's GPU and NCCL that note what they are asked in order, without what the watching thread repeats. Host numbers are
 * really gathered: those of other ranks are {@code peer * 100 + i}.
 */
public class FakeGpu implements Nccl, CudaRuntime {
    /** The communicator that {@link #initialize} returns. */
    public static final long COMMUNICATOR = 77;

    static final long STREAM = 88;

    private final int rank;
    private final List<String> calls = new ArrayList<>();
    private final Map<Long, Double> memory = new HashMap<>();
    private long nextEvent = 100;
    private long nextMemory = 1 << 20;
    private int worldSize;
    private long nextStream = STREAM;

    /** Whether queued work is done. */
    volatile boolean reached = true;

    volatile int asyncError = SUCCESS;
    /** The function that fails, by its name here. */
    volatile String failing = "";
    /** Opened by an abort, which is what ends a call that waits for others. */
    final CountDownLatch abort = new CountDownLatch(1);
    /** The function that waits for an abort, by its name here. */
    volatile String hanging = "";

    /** The GPU of a rank. */
    public FakeGpu(int rank) {
        this.rank = rank;
    }

    /** From now on nothing that is queued gets done. */
    public void holdBack() {
        reached = false;
    }

    /** What was asked, in order. */
    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    /** Forgets the calls so far. */
    synchronized void clear() {
        calls.clear();
    }

    private void note(String function, Object... arguments) {
        synchronized (this) {
            StringBuilder line = new StringBuilder(function);
            Arrays.stream(arguments).forEach(each -> line.append(' ').append(each));
            calls.add(line.toString());
        }
        if (function.equals(hanging)) {
            try {
                abort.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            throw new DeviceException(function + " failed: aborted");
        }
        if (function.equals(failing)) {
            throw new DeviceException(function + " failed: as asked");
        }
    }

    @Override
    public int version() {
        return 22602;
    }

    @Override
    public byte[] uniqueId() {
        return new byte[UNIQUE_ID_BYTES];
    }

    @Override
    public long initialize(int ranks, byte[] uniqueId, int own) {
        worldSize = ranks;
        note("initialize", ranks, own, uniqueId.length);
        return COMMUNICATOR;
    }

    @Override
    public void allReduce(long send, long receive, long count, NcclType type, long communicator, long stream) {
        note("allReduce", send, receive, count, type, communicator, stream);
    }

    @Override
    public void reduceScatter(long send, long receive, long count, NcclType type, long communicator, long stream) {
        note("reduceScatter", send, receive, count, type, communicator, stream);
    }

    @Override
    public void allGather(long send, long receive, long count, NcclType type, long communicator, long stream) {
        note("allGather", send, receive, count, type, communicator, stream);
        if (type == NcclType.FLOAT64) {
            for (int peer = 0; peer < worldSize; peer++) {
                for (int i = 0; i < count; i++) {
                    @Nullable Double own = memory.get(send + 8L * i);
                    memory.put(receive + 8L * (peer * count + i), peer != rank || own == null ? peer * 100.0 + i : own);
                }
            }
        }
    }

    @Override
    public void broadcast(long buffer, long count, NcclType type, int root, long communicator, long stream) {
        note("broadcast", buffer, count, type, root, communicator, stream);
    }

    @Override
    public void send(long buffer, long count, NcclType type, int peer, long communicator, long stream) {
        note("send", buffer, count, type, peer, communicator, stream);
    }

    @Override
    public void receive(long buffer, long count, NcclType type, int peer, long communicator, long stream) {
        note("receive", buffer, count, type, peer, communicator, stream);
    }

    @Override
    public void groupStart() {
        note("groupStart");
    }

    @Override
    public void groupEnd() {
        note("groupEnd");
    }

    @Override
    public int asyncError(long communicator) {
        return asyncError;
    }

    @Override
    public String describe(int result) {
        return "text of " + result;
    }

    @Override
    public void abort(long communicator) {
        note("abort", communicator);
        abort.countDown();
    }

    @Override
    public void destroy(long communicator) {
        note("destroy", communicator);
    }

    @Override
    public int deviceCount() {
        return 1;
    }

    /** Not noted: several threads of a group do this. */
    @Override
    public void setDevice(int device) {
        if (failing.equals("setDevice")) {
            throw new DeviceException("cudaSetDevice failed: invalid device ordinal");
        }
    }

    @Override
    public synchronized long createStream() {
        return nextStream++;
    }

    @Override
    public void destroyStream(long stream) {
        note("destroyStream", stream);
    }

    @Override
    public synchronized long createEvent() {
        return nextEvent++;
    }

    @Override
    public void destroyEvent(long event) {
        note("destroyEvent", event);
    }

    @Override
    public void record(long event, long stream) {
        note("record", event, stream);
    }

    @Override
    public void waitFor(long stream, long event) {
        note("wait", stream, event);
    }

    @Override
    public boolean reached(long event) {
        return reached;
    }

    @Override
    public synchronized long allocate(long bytes) {
        long at = nextMemory;
        nextMemory += bytes;
        calls.add("allocate " + bytes);
        return at;
    }

    @Override
    public void free(long at) {
        note("free");
    }

    @Override
    public void copyToDevice(long device, double[] values, long stream) {
        note("copyToDevice", values.length, stream);
        for (int i = 0; i < values.length; i++) {
            memory.put(device + 8L * i, values[i]);
        }
    }

    @Override
    public void copyToHost(double[] values, long device, long stream) {
        note("copyToHost", values.length, stream);
        for (int i = 0; i < values.length; i++) {
            Double value = memory.get(device + 8L * i);
            if (value == null) {
                throw new DeviceException("nothing was written at " + (device + 8L * i));
            }
            values[i] = value;
        }
    }

    @Override
    public void queueToDevice(long device, long host, long bytes, long stream) {
        note("queueToDevice", bytes, stream);
    }

    @Override
    public void queueToHost(long host, long device, long bytes, long stream) {
        note("queueToHost", bytes, stream);
    }

    @Override
    public void lockHost(long host, long bytes) {
        note("lockHost", bytes);
    }

    @Override
    public void unlockHost(long host) {
        note("unlockHost");
    }
}
