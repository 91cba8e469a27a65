package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import io.github.gptmoe.core.kernel.CudaRuntime;
import io.github.gptmoe.core.kernel.DeviceException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;

/**
 * A GPU whose memory is the host's and whose streams are as late as they may be: what is queued is done when an event behind it
 * is asked for the second time. A copy that is not waited for is never made, and one whose source changes meanwhile copies
 * what it should not. The compute stream is at once.
 */
final class LazyCuda implements CudaRuntime {
    private static final long PAGE = 1 << 12;

    private final Map<Long, Deque<Runnable>> streams = new HashMap<>();
    /** The stream that an event was last recorded on. */
    private final Map<Long, Long> recorded = new HashMap<>();

    private final Set<Long> reached = new HashSet<>();
    private final Set<Long> asked = new HashSet<>();
    /** Streams on which a copy would come after all that has been computed. */
    private final Set<Long> behindComputed = new HashSet<>();

    private final NavigableMap<Long, Long> locked = new TreeMap<>();
    private final boolean locks;
    private long next = 100;

    int lockCalls;
    int copies;
    /** Copies that were begun while another was under way. */
    int overlapping;

    LazyCuda(boolean locks) {
        this.locks = locks;
    }

    /** What is left when all is closed: nothing may be. */
    void requireClean() {
        assertThat(streams).isEmpty();
        assertThat(recorded).isEmpty();
        assertThat(locked).isEmpty();
    }

    @Override
    public int deviceCount() {
        return 1;
    }

    @Override
    public void setDevice(int device) {
        assertThat(device).isEqualTo(3);
    }

    @Override
    public long createStream() {
        streams.put(next, new ArrayDeque<>());
        return next++;
    }

    @Override
    public void destroyStream(long stream) {
        assertThat(streams.remove(stream)).isEmpty();
    }

    @Override
    public long createEvent() {
        recorded.put(next, COMPUTE_STREAM);
        return next++;
    }

    @Override
    public void destroyEvent(long event) {
        assertThat(recorded.remove(event)).isNotNull();
    }

    @Override
    public void record(long event, long stream) {
        recorded.put(event, stream);
        asked.remove(event);
        if (stream == COMPUTE_STREAM) {
            reached.add(event);
        } else {
            reached.remove(event);
            queue(stream).add(() -> reached.add(event));
        }
    }

    private Queue<Runnable> queue(long stream) {
        Deque<Runnable> queue = streams.get(stream);
        if (queue == null) {
            throw new DeviceException("no stream " + stream);
        }
        return queue;
    }

    @Override
    public void waitFor(long stream, long event) {
        assertThat(recorded).containsEntry(event, COMPUTE_STREAM);
        behindComputed.add(stream);
    }

    @Override
    public boolean reached(long event) {
        if (reached.contains(event) || asked.add(event)) {
            return reached.contains(event);
        }
        Queue<Runnable> queue = queue(recorded.getOrDefault(event, COMPUTE_STREAM));
        while (!reached.contains(event)) {
            queue.remove().run();
        }
        return true;
    }

    private void copy(long into, long from, long bytes, long stream) {
        assertThat(behindComputed.remove(stream))
                .as("waits for what is computed")
                .isTrue();
        copies++;
        overlapping += streams.values().stream().allMatch(Deque::isEmpty) ? 0 : 1;
        queue(stream).add(() -> {
            byte[] values = new Pointer(from).getByteArray(0, (int) bytes);
            new Pointer(into).write(0, values, 0, values.length);
        });
    }

    private void requireLocked(long host, long bytes) {
        if (locks) {
            var region = locked.floorEntry(host);
            assertThat(region).as("page-locked memory at %d", host).isNotNull();
            assertThat(host + bytes).isLessThanOrEqualTo(region.getKey() + region.getValue());
        }
    }

    @Override
    public void queueToDevice(long device, long host, long bytes, long stream) {
        requireLocked(host, bytes);
        copy(device, host, bytes, stream);
    }

    @Override
    public void queueToHost(long host, long device, long bytes, long stream) {
        requireLocked(host, bytes);
        copy(host, device, bytes, stream);
    }

    @Override
    public void lockHost(long host, long bytes) {
        lockCalls++;
        if (!locks) {
            throw new DeviceException("cudaHostRegister failed: as asked");
        }
        assertThat(host % PAGE).isZero();
        assertThat(bytes % PAGE).isZero();
        var before = locked.lowerEntry(host + bytes);
        assertThat(before == null || before.getKey() + before.getValue() <= host)
                .as("no page is locked twice")
                .isTrue();
        locked.put(host, bytes);
    }

    @Override
    public void unlockHost(long host) {
        assertThat(locked.remove(host)).isNotNull();
    }

    @Override
    public long allocate(long bytes) {
        throw new DeviceException("not for this");
    }

    @Override
    public void free(long memory) {
        throw new DeviceException("not for this");
    }

    @Override
    public void copyToDevice(long device, double[] values, long stream) {
        throw new DeviceException("not for this");
    }

    @Override
    public void copyToHost(double[] values, long device, long stream) {
        throw new DeviceException("not for this");
    }
}
