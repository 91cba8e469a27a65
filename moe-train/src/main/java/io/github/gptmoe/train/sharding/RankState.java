package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.FlatArrays;
import io.github.gptmoe.core.kernel.OptimizerKernels;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.model.Stage;
import io.github.gptmoe.core.model.WeightStore;
import io.github.gptmoe.train.collective.Pending;
import io.github.gptmoe.train.collective.ShardPlan;
import io.github.gptmoe.train.optim.ParameterShard;
import io.github.gptmoe.train.optim.PartOrder;
import io.github.gptmoe.train.optim.StateShard;
import io.github.gptmoe.train.pipeline.Gradients;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The weights and gradients that one rank holds, in flat arrays: weights to compute with in full; FP32 masters, which are the
 * same memory where the model computes in FP32, and gradients as the {@link Layout} divides them.
 */
public final class RankState {
    /**
     * A bucket's weights.
     *
     * @param flat all of them, to compute with
     * @param owned the part that this rank updates, a view of {@code flat}
     * @param masters FP32 of that part; {@code owned} itself if that is FP32, or if there are none. Offloaded: on the host, FP32,
     *     or if there are none, of the precision of {@code owned}
     */
    private record Weights(NDArray flat, NDArray owned, NDArray masters) {}

    private final Layout layout;
    private final RankGroups groups;
    private final Map<Bucket, Weights> arrays = new LinkedHashMap<>();
    private final Map<String, NDArray> computed = new LinkedHashMap<>();
    private final ArrivingWeights arriving;
    private final WeightStore weights;
    private final ShardedGradients gradients;
    private final Map<Bucket, List<NDArray>> gradientPieces = new LinkedHashMap<>();
    private final Map<Bucket, List<List<ParameterShard>>> parts = new LinkedHashMap<>();
    private final @Nullable HostShards hosted;

    /**
     * Allocates everything, with weights of zero.
     *
     * @param owner manager of all arrays
     * @param model whose parameters these are
     * @param layout how they are divided
     * @param groups the ranks they are divided over
     * @param compute precision that the model computes in
     * @param gradientPrecision precision of gradients, for parameters that compute in {@code compute}
     * @param keepMasters false if weights below FP32 have no masters and are updated themselves
     * @param keepGradients false if every stage is updated during backward, so that gradients need not be kept
     * @param offload where the rank updates what it owns, if not on the device; null for the device
     */
    public RankState(
            NDManager owner,
            GptModel model,
            Layout layout,
            RankGroups groups,
            Precision compute,
            Precision gradientPrecision,
            boolean keepMasters,
            boolean keepGradients,
            @Nullable Offload offload) {
        this.layout = layout;
        this.groups = groups;
        layout.buckets().forEach(bucket -> allocate(owner, bucket, compute, keepMasters, offload));
        arriving = new ArrivingWeights(layout);
        weights = new WeightStore(owner, compute, computed, arriving::await);
        gradients = gradients(owner, gradientPrecision, keepGradients);
        layout.buckets().forEach(bucket -> gradientPieces.put(bucket, pieces(owner, bucket, gradients.owned(bucket))));
        if (offload == null) {
            hosted = null;
            layout.buckets().forEach(bucket -> parts.put(bucket, List.of(shards(owner, bucket))));
        } else {
            HostDivision division = HostDivision.of(layout, this::part, offload.portion());
            boolean copied = keepMasters && compute != Precision.FP32;
            HostShards shards = new HostShards(offload, division, gradientPrecision, copied ? compute : null);
            layout.buckets().forEach(bucket -> parts.put(bucket, hostedParts(owner, bucket, shards, division)));
            hosted = shards;
        }
    }

    private ShardedGradients gradients(NDManager owner, Precision precision, boolean keep) {
        if (!keep) {
            return new PassingGradients(owner, layout, groups, precision);
        }
        return layout.zeroStage() < 2
                ? new AccumulatedGradients(owner, layout, groups, precision)
                : new ScatteredGradients(owner, layout, groups, precision);
    }

    private int part(Bucket bucket) {
        return layout.part(groups.of(bucket).rank());
    }

    private void allocate(
            NDManager owner, Bucket bucket, Precision compute, boolean keepMasters, @Nullable Offload offload) {
        Precision precision = bucket.precision(compute);
        NDArray flat = precision.zeros(owner, bucket.flatShape());
        NDArray owned = bucket.part(owner, flat, part(bucket));
        boolean mastered = precision != Precision.FP32 && keepMasters;
        long size = bucket.plan().shardSize();
        NDArray masters;
        if (mastered) {
            masters = Precision.FP32.zeros(offload == null ? owner : offload.host(), new Shape(size));
        } else {
            // On the host these are what is copied to the device.
            masters = offload == null ? owned : offload.copies().allocate(offload.host(), precision, size);
        }
        arrays.put(bucket, new Weights(flat, owned, masters));
        List<NDArray> views = bucket.views(owner, flat);
        for (int i = 0; i < views.size(); i++) {
            computed.put(bucket.parameters().get(i).name(), views.get(i));
        }
    }

    /** What the rank owns of each parameter, in a flat array of it. */
    private List<NDArray> pieces(NDManager owner, Bucket bucket, NDArray owned) {
        return bucket.plan().pieces(part(bucket)).stream()
                .map(piece -> bucket.piece(owner, owned, piece))
                .toList();
    }

    private List<ParameterShard> shards(NDManager owner, Bucket bucket) {
        Weights own = of(bucket);
        boolean fp32 = bucket.precision(weights.precision()) == Precision.FP32;
        boolean hasMaster = fp32 || own.masters != own.owned;
        List<NDArray> pieces = gradientPieces.getOrDefault(bucket, List.of());
        List<ParameterShard> shards = new ArrayList<>();
        for (ShardPlan.Piece piece : bucket.plan().pieces(part(bucket))) {
            NDArray low = fp32 ? null : bucket.piece(owner, own.owned, piece);
            NDArray master = hasMaster ? bucket.piece(owner, own.masters, piece) : null;
            ModelParameter parameter = bucket.parameters().get(piece.parameter());
            shards.add(new ParameterShard(parameter, piece.fromParameter(), master, low, pieces.get(shards.size())));
        }
        return shards;
    }

    private List<List<ParameterShard>> hostedParts(
            NDManager owner, Bucket bucket, HostShards shards, HostDivision division) {
        Weights own = of(bucket);
        Precision precision = bucket.precision(weights.precision());
        HostShards.Owned owned = new HostShards.Owned(
                gradients.owned(bucket), own.owned, own.masters, precision == Precision.FP32 ? null : precision);
        return division.of(bucket).stream()
                .map(portion -> shards.add(owner, portion, owned))
                .toList();
    }

    private Weights of(Bucket bucket) {
        Weights own = arrays.get(bucket);
        if (own == null) {
            throw new IllegalArgumentException("no weights for " + bucket.stage());
        }
        return own;
    }

    /**
     * Gives every weight its initial value, which depends on the seed and the parameter's name only.
     *
     * @param seed seed of the initial weights
     */
    public void initialize(long seed) {
        arrays.forEach((bucket, own) -> {
            for (int i = 0; i < bucket.parameters().size(); i++) {
                ModelParameter parameter = bucket.parameters().get(i);
                NDArray view = Objects.requireNonNull(computed.get(parameter.name()));
                try (NDManager scope = own.flat.getManager().newSubManager()) {
                    NDArray initial = parameter.draw(scope, seed);
                    Precision.copy(view, initial);
                    copyToMasters(scope, bucket, i, initial);
                }
            }
        });
    }

    private void copyToMasters(NDManager scope, Bucket bucket, int parameter, NDArray initial) {
        Weights own = of(bucket);
        if (own.masters == own.owned) {
            return;
        }
        for (ShardPlan.Piece piece : bucket.plan().pieces(part(bucket))) {
            if (piece.parameter() == parameter) {
                Shape length = new Shape(piece.length());
                Precision.copy(
                        FlatArrays.view(scope, own.masters, piece.fromShard(), length),
                        FlatArrays.view(scope, initial, piece.fromParameter(), length));
            }
        }
    }

    /** After masters were loaded: renews the copies to compute with, on all ranks. */
    public void refresh() {
        if (hosted != null) {
            hosted.refresh();
        } else {
            for (Weights own : arrays.values()) {
                if (own.masters != own.owned) {
                    Precision.copy(own.owned, own.masters);
                }
            }
        }
        gather();
    }

    /**
     * After an update: gives all ranks what each has updated. A collective operation, which goes on beside the forward pass that
     * follows, as it {@linkplain #enter enters} the stages; {@link #weights} hands nothing out that has not arrived.
     */
    public void gather() {
        for (Bucket bucket : layout.buckets()) {
            if (isGathered(bucket)) {
                arriving.startInTime(bucket, () -> startGather(bucket));
            }
        }
    }

    /**
     * {@link #gather} for a bucket alone, at once.
     *
     * @param bucket what was updated
     */
    public void gather(Bucket bucket) {
        if (isGathered(bucket)) {
            arriving.start(bucket, () -> startGather(bucket));
        }
    }

    /** Else everyone has updated everything. */
    private boolean isGathered(Bucket bucket) {
        return layout.zeroStage() > 0 && groups.of(bucket).worldSize() > 1;
    }

    private Pending startGather(Bucket bucket) {
        return groups.of(bucket).startAllGather(of(bucket).owned, of(bucket).flat);
    }

    /**
     * Forward comes to a stage; all ranks say so of every stage, in the same order.
     *
     * @param stage whose weights are read next
     */
    public void enter(Stage stage) {
        arriving.enter(stage);
    }

    /**
     * Finishes what goes on between the ranks: sums of gradients, after the last micro-batch of a step, and weights on their way.
     * To be called before an update, and before ranks do different things.
     */
    public void finish() {
        gradients.end();
        arriving.awaitAll();
    }

    /** Waits for what has begun between the ranks, before this state's arrays are freed; a rank that failed begins nothing more. */
    public void abandon() {
        gradients.end();
        arriving.abandon();
    }

    /**
     * Has every bucket updated as soon as its gradients are there, in the steps that follow.
     *
     * @param user given each bucket during backward; its gradients are gone when it returns
     * @throws IllegalStateException if this state keeps gradients
     */
    public void duringBackward(Consumer<Bucket> user) {
        if (!(gradients instanceof PassingGradients passing)) {
            throw new IllegalStateException("gradients are kept");
        }
        passing.onComplete(user);
    }

    /**
     * The arrays to compute with. After {@link #gather} a stage is entered before its weights are read, or {@link #finish}
     * called.
     *
     * @return views that this state owns
     */
    public WeightStore weights() {
        return weights;
    }

    /**
     * Where backward leaves gradients.
     *
     * @return this state's own
     */
    public Gradients gradients() {
        return gradients;
    }

    /**
     * What this rank's optimizer updates.
     *
     * @return in the order of the buckets; arrays are this state's own
     */
    public List<ParameterShard> shards() {
        return parts.values().stream()
                .flatMap(List::stream)
                .flatMap(List::stream)
                .toList();
    }

    /**
     * What this rank's optimizer updates, by bucket and in parts that can be updated one after the other: a bucket, or if that
     * happens on the host, pieces of it, in the order in which {@link #partOrder} numbers them.
     *
     * @return unmodifiable, in the order of the buckets; a part may be empty
     */
    public Map<Bucket, List<List<ParameterShard>>> partsByBucket() {
        return Collections.unmodifiableMap(parts);
    }

    /**
     * How these parts are updated.
     *
     * @return brings gradients to the host and weights back, if that is where the update is made
     */
    public PartOrder partOrder() {
        return hosted == null ? PartOrder.PLAIN : hosted;
    }

    /**
     * The weights that this rank answers for, as a checkpoint has them: FP32, unless there are no masters.
     *
     * @return in the order of the buckets; loading into the arrays is allowed, and {@link #refresh} must follow
     */
    public List<StateShard> masters() {
        return shards().stream()
                .map(shard -> new StateShard(
                        shard.parameter().name(), shard.parameter().shape(), shard.from(), shard.weights()))
                .toList();
    }

    /**
     * This rank's part of the squared global norm of the gradients: a sum over the ranks gives the whole. Waits for the device.
     *
     * @param scope owner of temporaries
     * @return not finite if any entry is not
     */
    public double normSquared(NDManager scope) {
        return normSquared(scope, layout.buckets());
    }

    /**
     * {@link #normSquared(NDManager)} of some buckets.
     *
     * @param scope owner of temporaries
     * @param buckets those looked at
     * @return not finite if any entry is not
     */
    public double normSquared(NDManager scope, List<Bucket> buckets) {
        NDList own = new NDList();
        for (Bucket bucket : buckets) {
            if (groups.speaksFor(bucket, layout.zeroStage())) {
                own.addAll(gradientPieces.getOrDefault(bucket, List.of()));
            }
        }
        if (own.isEmpty()) {
            return 0;
        }
        try (NDArray squared = OptimizerKernels.normSquared(scope, own)) {
            return squared.getFloat();
        }
    }
}
