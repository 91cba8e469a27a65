package io.github.gptmoe.train.collective;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import io.github.gptmoe.core.kernel.Precision;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The group of one rank: sums are the values themselves, and nothing is sent. */
public final class SingleProcess implements ProcessGroup {
    private final Device device;
    private @Nullable Throwable failure;

    /** On the first GPU, or the CPU where there is none. */
    public SingleProcess() {
        this(Engine.getEngine("PyTorch").defaultDevice());
    }

    /**
     * On a device.
     *
     * @param device where its arrays lie
     */
    public SingleProcess(Device device) {
        this.device = device;
    }

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public int worldSize() {
        return 1;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public void allReduce(NDArray array) {
        check();
    }

    @Override
    public void reduceScatter(NDArray full, NDArray shard) {
        check();
        Precision.copy(shard, full);
    }

    @Override
    public void allGather(NDArray shard, NDArray full) {
        check();
        Precision.copy(full, shard);
    }

    @Override
    public void broadcast(NDArray array, int root) {
        check();
        if (root != 0) {
            throw new IllegalArgumentException("root " + root + " in a group of 1");
        }
    }

    @Override
    public void allToAll(NDArray input, long[] sent, NDArray output, long[] received) {
        check();
        if (sent.length != 1 || !Arrays.equals(sent, received)) {
            throw new IllegalArgumentException(
                    "rank 0 sends itself " + Arrays.toString(sent) + " rows and expects " + Arrays.toString(received));
        }
        Precision.copy(output, input);
    }

    @Override
    public double[] allReduce(double[] values) {
        check();
        return values.clone();
    }

    @Override
    public void barrier() {
        check();
    }

    @Override
    public void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    @Override
    public Traffic traffic() {
        return Traffic.NONE;
    }

    private void check() {
        if (failure != null) {
            throw new CollectiveException("rank 0 failed: " + failure, failure);
        }
    }
}
