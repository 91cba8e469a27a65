package io.github.gptmoe.train;

import io.github.gptmoe.train.sharding.Bucket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Updates every bucket during backward, as soon as its gradients are complete: they then need not be kept. The global norm is
 * known only afterwards, so nothing is clipped; from a bucket with a gradient that is not finite on, nothing is updated.
 */
final class BackwardUpdates implements Consumer<Bucket> {
    /** The parts that a bucket is updated in. */
    private record Range(int first, int end) {}

    private final TrainingSetup setup;
    private final Map<Bucket, Range> parts = new HashMap<>();
    private double learningRate;
    private double normSquared;
    private boolean finite;
    private boolean begun;

    BackwardUpdates(TrainingSetup setup) {
        this.setup = setup;
        int next = 0;
        for (var bucket : setup.state().partsByBucket().entrySet()) {
            Range range = new Range(next, next + bucket.getValue().size());
            parts.put(bucket.getKey(), range);
            next = range.end;
        }
        setup.state().duringBackward(this);
    }

    void begin(double rate) {
        learningRate = rate;
        normSquared = 0;
        finite = true;
        begun = false;
    }

    @Override
    public void accept(Bucket bucket) {
        double own = setup.state().normSquared(setup.manager(), List.of(bucket));
        normSquared += own;
        // All ranks have to agree, or their weights would differ.
        double all = setup.groups().world().allReduce(new double[] {own})[0];
        finite &= Double.isFinite(all);
        if (finite) {
            if (!begun) {
                setup.updates().begin(); // not sooner: a step that updates nothing does not count
                begun = true;
            }
            Range range = Objects.requireNonNull(parts.get(bucket));
            setup.updates().updateParts(range.first, range.end, learningRate, 1);
            setup.state().gather(bucket);
        }
    }

    /** This rank's part of the squared global norm of the step's gradients. */
    double normSquared() {
        return normSquared;
    }
}
