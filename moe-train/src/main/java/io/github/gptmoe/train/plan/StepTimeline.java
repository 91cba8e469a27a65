package io.github.gptmoe.train.plan;

import io.github.gptmoe.core.accounting.ActivationCount;
import io.github.gptmoe.core.accounting.BlockActivations;
import io.github.gptmoe.core.accounting.StepShape;
import io.github.gptmoe.core.accounting.TransientCount;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a step holds beside weights, gradients and moments, from moment to moment, in the order of {@code Pipeline}: at the head
 * everything that forward keeps; in the backward of a block what the blocks before it keep, its own (computed again, where only
 * its input was kept), and its temporaries; after it the sums over ranks; at last the update.
 */
final class StepTimeline {
    /**
     * A moment.
     *
     * @param name what is going on
     * @param activations what is kept for backward
     * @param expertActivations of which by experts and routers
     * @param exchange rows that went to other ranks and came from them
     * @param logits of the head
     * @param temporaries of whatever runs
     * @param reduction of sums over ranks
     */
    record Moment(
            String name,
            long activations,
            long expertActivations,
            long exchange,
            long logits,
            long temporaries,
            long reduction) {
        long total() {
            return activations + exchange + logits + temporaries + reduction;
        }
    }

    /** Kept activations while blocks come and go. */
    private record Kept(long activations, long experts, long exchange) {
        Kept plus(Kept other) {
            return new Kept(activations + other.activations, experts + other.experts, exchange + other.exchange);
        }

        Kept minus(Kept other) {
            return plus(new Kept(-other.activations, -other.experts, -other.exchange));
        }

        static Kept of(BlockActivations block) {
            return new Kept(
                    block.total() - block.exchange(),
                    block.experts() + block.router() + block.routerGraph(),
                    block.exchange());
        }
    }

    private final ModelConfig model;
    private final TrainConfig train;
    private final StepShape shape;
    private final ReductionBytes reduction;
    private final List<Moment> moments = new ArrayList<>();

    private StepTimeline(RunConfig run, StepShape shape, ReductionBytes reduction) {
        model = run.model();
        train = run.train();
        this.shape = shape;
        this.reduction = reduction;
    }

    /** All moments of a step that may be its largest. */
    static List<Moment> moments(RunConfig run, GptModel built, PlanTarget target) {
        StepTimeline timeline = new StepTimeline(run, target.shape(run), ReductionBytes.of(built, run.train(), target));
        timeline.step();
        long largest = built.parameters().stream()
                .mapToLong(parameter -> parameter.shape().size())
                .max()
                .orElseThrow();
        boolean onHost = run.train().offloads() && target.gpu();
        timeline.moments.add(
                new Moment("update", 0, 0, 0, 0, onHost ? 0 : TransientCount.update(largest, target.gpu()), 0));
        return timeline.moments;
    }

    /** The moment at which most is held. */
    static Moment peak(RunConfig run, GptModel built, PlanTarget target) {
        return moments(run, built, target).stream()
                .max(Comparator.comparingLong(Moment::total))
                .orElseThrow();
    }

    private void step() {
        Kept kept = new Kept(TransientCount.batch(model, shape), 0, 0);
        for (int block = 0; block < model.layers(); block++) {
            kept = kept.plus(keptByForward(block));
        }
        TransientCount.Head head = TransientCount.head(model, shape, train.headChunk());
        add("head", kept, head.logits(), head.other(), 0);
        add("after the head", kept, 0, stream(), reduction.ofStage("head"));
        for (int block = model.layers() - 1; block >= 0; block--) {
            // The output of a recomputed block, the input of the next, stays until the micro-batch has ended.
            Kept running = recomputed(block) ? kept.plus(all(block)) : kept;
            add("backward of block " + block, running, 0, TransientCount.backward(model, block, shape), 0);
            kept = recomputed(block) ? kept : kept.minus(all(block));
            add("after block " + block, kept, 0, stream(), reduction.ofStage("blocks." + block));
        }
        add("backward of the embedding", kept, 0, TransientCount.embedding(model, shape), 0);
        add("after the embedding", kept, 0, stream(), reduction.ofStage("embedding"));
    }

    private void add(String name, Kept kept, long logits, long temporaries, long reduced) {
        moments.add(new Moment(name, kept.activations, kept.experts, kept.exchange, logits, temporaries, reduced));
    }

    private Kept keptByForward(int block) {
        return recomputed(block) ? new Kept(stream(), 0, 0) : all(block);
    }

    private Kept all(int block) {
        return Kept.of(ActivationCount.ofBlock(model, block, shape));
    }

    private boolean recomputed(int block) {
        return train.recomputes(block, model.isMoe(block));
    }

    private long stream() {
        return shape.sequences()
                * shape.length()
                * model.hidden()
                * shape.precision().bytes();
    }
}
