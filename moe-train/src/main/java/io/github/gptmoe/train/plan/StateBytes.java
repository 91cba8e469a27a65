package io.github.gptmoe.train.plan;

import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.train.collective.ShardPlan;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.optim.Optimizers;
import io.github.gptmoe.train.sharding.Bucket;
import io.github.gptmoe.train.sharding.BufferPlan;
import io.github.gptmoe.train.sharding.ExpertRange;
import io.github.gptmoe.train.sharding.HostDivision;
import io.github.gptmoe.train.sharding.Layout;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Bytes that a rank holds whatever the batch is, by count. With P elements in a bucket's flat array, of which the rank updates
 * the share O (all without ZeRO), b bytes a weight to compute with and g bytes a gradient:
 *
 * <pre>
 * weights     b P, and FP32 masters 4 O where b is not FP32, unless masterWeights is none
 * gradients   g P; ZeRO-2: g O; none where the optimizer works in backward
 * optimizer   for each weight that the rank updates, as the optimizer has it; AdamW: 8 bytes, with fewer bits 4 or 2
 * host        where the optimizer is offloaded: the optimizer's, and 4 O of masters, or where there are none b O of copies;
 *             staging, two portions of gradients and, with masters, of weights
 * buckets     ZeRO-2, or the optimizer in backward: g P of the largest block, shared by all, and g P of embedding and head;
 *             ZeRO-2 on GPUs: a second one for blocks, so that one is summed while the next is computed
 * </pre>
 *
 * @param weights to compute with, and masters that are on the device
 * @param gradients accumulators
 * @param optimizer moments that are on the device
 * @param gradientBuckets memory in which a stage's gradients wait for their sum over the ranks
 * @param host what is kept on the host
 */
public record StateBytes(long weights, long gradients, long optimizer, long gradientBuckets, HostBytes host) {
    /**
     * Counts for one rank.
     *
     * @param model its arrays are not looked at
     * @param train how it is trained and divided
     * @param target the ranks
     * @param rank the rank
     * @return bytes
     */
    public static StateBytes of(GptModel model, TrainConfig train, PlanTarget target, int rank) {
        int sharers = train.expertParallel();
        Layout layout = Layout.of(model, train.zeroStage(), target.devices(), new ExpertRange(rank % sharers, sharers));
        return of(layout, train, target, rank);
    }

    /**
     * Counts for the rank that holds most; they differ by what fills flat arrays up.
     *
     * @param model its arrays are not looked at
     * @param train how it is trained and divided
     * @param target the ranks
     * @return bytes
     */
    public static StateBytes largest(GptModel model, TrainConfig train, PlanTarget target) {
        // All experts of a layer have the same sizes, so every range of them is laid out alike.
        Layout layout =
                Layout.of(model, train.zeroStage(), target.devices(), new ExpertRange(0, train.expertParallel()));
        return IntStream.range(0, train.zeroStage() == 0 ? 1 : target.devices())
                .mapToObj(rank -> of(layout, train, target, rank))
                .max(Comparator.comparingLong(StateBytes::total))
                .orElseThrow();
    }

    /**
     * Counts what all ranks together hold.
     *
     * @param model its arrays are not looked at
     * @param train how it is trained and divided
     * @param target the ranks
     * @return bytes
     */
    public static long sum(GptModel model, TrainConfig train, PlanTarget target) {
        return IntStream.range(0, target.devices())
                .mapToLong(rank -> of(model, train, target, rank).total())
                .sum();
    }

    private static StateBytes of(Layout layout, TrainConfig train, PlanTarget target, int rank) {
        Precision compute = Precision.named(train.precision());
        Precision gradient = Precision.named(train.gradientPrecision());
        long weights = 0;
        long gradients = 0;
        long optimizer = 0;
        long kept = 0;
        boolean masters = !train.optimizer().withoutMasters();
        for (Bucket bucket : layout.buckets()) {
            ShardPlan plan = bucket.plan();
            Precision weight = bucket.precision(compute);
            weights += plan.fullSize() * weight.bytes();
            boolean mastered = weight != Precision.FP32 && masters;
            if (train.offloads()) {
                kept += plan.shardSize() * (mastered ? Precision.FP32 : weight).bytes();
            } else {
                weights += mastered ? plan.shardSize() * Precision.FP32.bytes() : 0;
            }
            long summed = layout.zeroStage() < 2 ? plan.fullSize() : plan.shardSize();
            gradients += train.optimizerInBackward()
                    ? 0
                    : summed * bucket.precision(gradient).bytes();
            optimizer += plan.pieces(part(layout, bucket, train, rank)).stream()
                    .mapToLong(piece -> stateBytes(train, bucket, piece))
                    .sum();
        }
        HostBytes host = train.offloads()
                ? new HostBytes(kept, optimizer, staging(layout, train, rank, masters))
                : HostBytes.NONE;
        return new StateBytes(
                weights, gradients, train.offloads() ? 0 : optimizer, gradientBuckets(layout, train, target), host);
    }

    private static long gradientBuckets(Layout layout, TrainConfig train, PlanTarget target) {
        if (layout.zeroStage() < 2 && !train.optimizerInBackward()) {
            return 0;
        }
        boolean summedBesideBackward = target.gpu() && target.devices() > 1 && !train.optimizerInBackward();
        return BufferPlan.of(layout, summedBesideBackward ? 2 : 1).bytes(Precision.named(train.gradientPrecision()));
    }

    private static long staging(Layout layout, TrainConfig train, int rank, boolean masters) {
        long portion = HostDivision.elements(Optimizers.areCollective(train.optimizer(), train.zeroStage()));
        HostDivision division = HostDivision.of(layout, bucket -> part(layout, bucket, train, rank), portion);
        Precision compute = Precision.named(train.precision());
        int rounded = masters && compute != Precision.FP32 ? compute.bytes() : 0;
        return division.staging(false)
                        * (Precision.named(train.gradientPrecision()).bytes() + rounded)
                + division.staging(true) * Precision.FP32.bytes();
    }

    private static int part(Layout layout, Bucket bucket, TrainConfig train, int rank) {
        return layout.part(bucket.experts() ? rank / train.expertParallel() : rank);
    }

    private static long stateBytes(TrainConfig train, Bucket bucket, ShardPlan.Piece piece) {
        Shape whole = bucket.parameters().get(piece.parameter()).shape();
        Shape shape = piece.length() == whole.size() ? whole : new Shape(piece.length());
        return Optimizers.stateBytes(train.optimizer(), shape);
    }

    /**
     * Everything, on the device and on its host.
     *
     * @return the sum
     */
    public long total() {
        return weights + gradients + optimizer + gradientBuckets + host.total();
    }
}
