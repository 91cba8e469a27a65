package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
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
 * Every rank adds up the gradients of its own micro-batches, for all parameters (ZeRO stages 0 and 1). They are summed over the
 * ranks once a step, a stage at a time while backward goes on: all of them everywhere, or to each rank what it owns.
 */
final class AccumulatedGradients implements ShardedGradients {
    /** A bucket's gradients: all, and the part that this rank updates, which is a view of them. */
    private record Arrays(NDArray flat, NDArray owned) {}

    private final Layout layout;
    private final RankGroups groups;
    private final Map<Bucket, Arrays> arrays = new HashMap<>();
    private final GradientViews views = new GradientViews();
    private final PendingSums sums = new PendingSums();
    private int microBatches;
    private int begun;

    AccumulatedGradients(NDManager owner, Layout layout, RankGroups groups, Precision low) {
        this.layout = layout;
        this.groups = groups;
        for (Bucket bucket : layout.buckets()) {
            NDArray flat = bucket.precision(low).zeros(owner, bucket.flatShape());
            int part = layout.part(groups.of(bucket).rank());
            arrays.put(bucket, new Arrays(flat, bucket.part(owner, flat, part)));
            views.add(owner, bucket, flat);
        }
    }

    @Override
    public void begin(int microBatchesOfStep) {
        microBatches = microBatchesOfStep;
        begun = 0;
    }

    @Override
    public void beginMicroBatch() {
        begun++;
    }

    @Override
    public Accumulators of(List<ModelParameter> parameters) {
        return new Accumulators(views.of(parameters), begun > 1);
    }

    @Override
    public void complete(Stage stage) {
        if (begun == microBatches) {
            layout.of(stage).forEach(this::sum);
        }
    }

    private void sum(Bucket bucket) {
        ProcessGroup group = groups.of(bucket);
        Arrays own = Objects.requireNonNull(arrays.get(bucket));
        if (group.worldSize() == 1) {
            return;
        }
        Pending sum = layout.zeroStage() == 0
                ? group.startAllReduce(own.flat)
                : group.startReduceScatter(own.flat, own.owned);
        // Every bucket has its own memory, which nothing writes to before the next step.
        sums.add(0, sum, () -> {});
    }

    @Override
    public void end() {
        sums.finishAll();
    }

    @Override
    public NDArray owned(Bucket bucket) {
        return Objects.requireNonNull(arrays.get(bucket)).owned;
    }
}
