package io.github.gptmoe.train.collective;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;

/**
 * A group whose operations, once begun, do nothing until somebody finishes them, as late as a device could: who forgets to wait
 * computes with what was there before. It notes what is begun ({@code +}) and finished ({@code -}).
 */
public final class LazyGroup implements ProcessGroup {
    private final ProcessGroup group;
    private final List<String> notes = new ArrayList<>();
    private int begun;

    public LazyGroup(ProcessGroup group) {
        this.group = group;
    }

    public List<String> notes() {
        return notes;
    }

    private Pending later(String operation, Runnable work) {
        String note = operation + begun++;
        notes.add("+" + note);
        boolean[] done = {false};
        return () -> {
            if (done[0]) {
                throw new IllegalStateException(note + " was finished twice");
            }
            done[0] = true;
            notes.add("-" + note);
            work.run();
        };
    }

    @Override
    public boolean overlaps() {
        return true;
    }

    @Override
    public Pending startAllReduce(NDArray array) {
        return later("sum", () -> group.allReduce(array));
    }

    @Override
    public Pending startReduceScatter(NDArray full, NDArray shard) {
        return later("sum", () -> group.reduceScatter(full, shard));
    }

    @Override
    public Pending startAllGather(NDArray shard, NDArray full) {
        return later("gather", () -> group.allGather(shard, full));
    }

    @Override
    public Device device() {
        return group.device();
    }

    @Override
    public int rank() {
        return group.rank();
    }

    @Override
    public int worldSize() {
        return group.worldSize();
    }

    @Override
    public void allReduce(NDArray array) {
        group.allReduce(array);
    }

    @Override
    public void reduceScatter(NDArray full, NDArray shard) {
        group.reduceScatter(full, shard);
    }

    @Override
    public void allGather(NDArray shard, NDArray full) {
        group.allGather(shard, full);
    }

    @Override
    public void broadcast(NDArray array, int root) {
        group.broadcast(array, root);
    }

    @Override
    public void allToAll(NDArray input, long[] sent, NDArray output, long[] received) {
        group.allToAll(input, sent, output, received);
    }

    @Override
    public double[] allReduce(double[] values) {
        return group.allReduce(values);
    }

    @Override
    public void barrier() {
        group.barrier();
    }

    @Override
    public void fail(Throwable cause) {
        group.fail(cause);
    }

    @Override
    public Traffic traffic() {
        return group.traffic();
    }
}
