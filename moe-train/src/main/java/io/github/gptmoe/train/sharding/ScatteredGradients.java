package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.Accumulators;
import io.github.gptmoe.core.kernel.FlatArrays;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.model.Stage;
import io.github.gptmoe.train.collective.ProcessGroup;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Every rank keeps the gradients of what it owns only (ZeRO stage 2). Those of one stage and micro-batch exist in full, in
 * memory that the blocks share, until the stage is complete; then they are summed over the ranks, and each adds its part up.
 */
final class ScatteredGradients implements ShardedGradients {
    /**
     * A bucket's gradients.
     *
     * @param flat all of them, in shared memory
     * @param received this rank's part of it, where the sum over the ranks arrives
     * @param owned sums over the micro-batches
     */
    private record Arrays(NDArray flat, NDArray received, NDArray owned) {}

    private final Layout layout;
    private final RankGroups groups;
    private final Map<Bucket, Arrays> arrays = new HashMap<>();
    private final GradientViews views = new GradientViews();
    private int begun;

    /** Blocks, whose backward runs one after the other, share; the stages of {@code apart} are under way for longer. */
    ScatteredGradients(NDManager owner, Layout layout, RankGroups groups, Precision low, Set<String> apart) {
        this.layout = layout;
        this.groups = groups;
        Map<List<Object>, NDArray> shared = new HashMap<>();
        for (Bucket bucket : layout.buckets()) {
            Precision precision = bucket.precision(low);
            NDArray memory = apart.contains(bucket.stage())
                    ? precision.zeros(owner, bucket.flatShape())
                    : shared.computeIfAbsent(
                            List.of(bucket.experts(), precision, bucket.fp32()),
                            kind -> precision.zeros(owner, largest(bucket, apart)));
            NDArray flat = FlatArrays.view(owner, memory, 0, bucket.flatShape());
            NDArray received =
                    bucket.part(owner, flat, layout.part(groups.of(bucket).rank()));
            arrays.put(bucket, new Arrays(flat, received, precision.zeros(owner, received.getShape())));
            views.add(owner, bucket, flat);
        }
    }

    private Shape largest(Bucket kind, Set<String> apart) {
        return new Shape(layout.buckets().stream()
                .filter(bucket -> bucket.experts() == kind.experts()
                        && bucket.fp32() == kind.fp32()
                        && !apart.contains(bucket.stage()))
                .mapToLong(bucket -> bucket.plan().fullSize())
                .max()
                .orElseThrow());
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
        return new Accumulators(views.of(parameters), false);
    }

    @Override
    public void complete(Stage stage) {
        layout.of(stage).forEach(this::sum);
    }

    private void sum(Bucket bucket) {
        ProcessGroup group = groups.of(bucket);
        Arrays own = Objects.requireNonNull(arrays.get(bucket));
        if (group.worldSize() > 1) {
            group.reduceScatter(own.flat, own.received);
        }
        if (begun == 1) {
            Precision.copy(own.owned, own.received);
        } else {
            Precision.add(own.owned, own.received);
        }
    }

    @Override
    public NDArray owned(Bucket bucket) {
        return Objects.requireNonNull(arrays.get(bucket)).owned;
    }
}
