package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.Accumulators;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.model.Stage;
import io.github.gptmoe.train.collective.Pending;
import io.github.gptmoe.train.collective.ProcessGroup;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Every rank keeps the gradients of what it owns only (ZeRO stage 2). Those of one stage and micro-batch exist in full until the
 * stage is complete; then they are summed over the ranks, beside the backward of the stage before it where the group can do
 * that, and each rank adds its part up.
 */
final class ScatteredGradients implements ShardedGradients {
    private final Layout layout;
    private final RankGroups groups;
    private final StageBuffers buffers;
    private final Map<Bucket, NDArray> owned = new HashMap<>();
    private final PendingSums sums = new PendingSums();
    private int begun;

    ScatteredGradients(NDManager owner, Layout layout, RankGroups groups, Precision low) {
        this.layout = layout;
        this.groups = groups;
        buffers = new StageBuffers(owner, layout, groups, low, groups.world().overlaps() ? 2 : 1);
        for (Bucket bucket : layout.buckets()) {
            Shape size = new Shape(bucket.plan().shardSize());
            owned.put(bucket, bucket.precision(low).zeros(owner, size));
        }
    }

    @Override
    public void begin(int microBatches) {
        begun = 0;
    }

    @Override
    public void beginMicroBatch() {
        begun++;
    }

    @Override
    public Accumulators of(List<ModelParameter> parameters) {
        sums.finish(buffers.memories(parameters)::contains);
        return new Accumulators(buffers.of(parameters), false);
    }

    @Override
    public void complete(Stage stage) {
        layout.of(stage).forEach(this::sum);
    }

    private void sum(Bucket bucket) {
        ProcessGroup group = groups.of(bucket);
        StageBuffers.Buffer buffer = buffers.of(bucket);
        Pending sum = group.worldSize() > 1 ? group.startReduceScatter(buffer.flat(), buffer.part()) : () -> {};
        boolean first = begun == 1;
        sums.add(buffer.memory(), sum, () -> collect(bucket, buffer.part(), first));
    }

    private void collect(Bucket bucket, NDArray part, boolean first) {
        if (first) {
            Precision.copy(owned(bucket), part);
        } else {
            Precision.add(owned(bucket), part);
        }
    }

    @Override
    public void end() {
        sums.finishAll();
    }

    @Override
    public NDArray owned(Bucket bucket) {
        return Objects.requireNonNull(owned.get(bucket));
    }
}
