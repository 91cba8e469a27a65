package io.github.gptmoe.train;

import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.data.TokenBatch;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.lossscale.LossScaler;
import io.github.gptmoe.train.optim.LearningRateSchedule;
import io.github.gptmoe.train.pipeline.MicroBatch;
import io.github.gptmoe.train.pipeline.MicroBatchResult;
import org.jspecify.annotations.Nullable;

/**
 * One optimizer step: accumulate the micro-batches' gradients, look at their norm, clip, update.
 *
 * <p>The micro-batches of a step are numbered over all ranks; rank r of W takes r, r + W, r + 2W and so on. Each keeps its
 * samples, its noise and its weight in the loss whoever runs it, so the number of ranks changes the order of sums only.
 */
final class TrainStep {
    /** Where sequences come from: sample number and count in, tokens out. */
    @FunctionalInterface
    interface Batches {
        TokenBatch batch(long firstSample, int sequences);
    }

    private final TrainingSetup setup;
    private final TrainConfig config;
    private final LearningRateSchedule schedule;
    private final Batches batches;
    private final ProcessGroup ranks;
    private final @Nullable BackwardUpdates duringBackward;
    private final LossScaler lossScaler;

    TrainStep(TrainingSetup setup, TrainConfig config, LearningRateSchedule schedule, Batches batches) {
        this.setup = setup;
        this.config = config;
        this.schedule = schedule;
        this.batches = batches;
        ranks = setup.groups().world();
        duringBackward = config.optimizerInBackward() ? new BackwardUpdates(setup) : null;
        lossScaler = LossScaler.of(config);
    }

    /** The scale of the loss; its state belongs in a checkpoint. */
    LossScaler lossScaler() {
        return lossScaler;
    }

    /** All ranks, which make each step together. */
    ProcessGroup ranks() {
        return ranks;
    }

    /**
     * Makes a step.
     *
     * @param step from 1
     * @param firstSample number of its first sample
     * @param batch its samples on all ranks, a multiple of micro-batch x ranks
     */
    StepResult run(long step, long firstSample, int batch) {
        int microBatches = batch / config.microBatch();
        setup.state().gradients().begin(microBatches / ranks.worldSize());
        double learningRate = schedule.at(step);
        if (duringBackward != null) {
            duringBackward.begin(learningRate);
        }
        StepSums sums = new StepSums();
        for (int micro = ranks.rank(); micro < microBatches; micro += ranks.worldSize()) {
            sums.add(forwardBackward(step, firstSample, micro, microBatches));
        }
        setup.state().finish();
        // Host sync: clipping and the finite check need the norm. Every rank gets the same numbers, so all decide
        // alike.
        double scale = lossScaler.scale();
        double normSquared = duringBackward != null
                ? duringBackward.normSquared()
                : setup.state().normSquared(setup.manager());
        sums.gradNormSquared(normSquared / (scale * scale));
        sums.sumOver(ranks);
        boolean finite = Double.isFinite(sums.gradNorm()) && Double.isFinite(sums.loss(microBatches));
        if (finite && duringBackward == null) {
            setup.updates().update(learningRate, clipFactor(sums.gradNorm()) / scale);
            setup.state().gather();
        }
        return scaled(sums.result(microBatches, learningRate, !finite));
    }

    /** A loss that is not finite is none of the scale's making, and no scale cures it. */
    private StepResult scaled(StepResult result) {
        if (!lossScaler.isDynamic()) {
            return result;
        }
        StepResult scaled =
                result.withLossScale(lossScaler.scale(), result.skipped() && Double.isFinite(result.loss()));
        if (Double.isFinite(result.loss())) {
            lossScaler.update(scaled.overflow());
        }
        return scaled;
    }

    /** What every gradient is multiplied by; a clipNorm of 0 never clips. */
    private double clipFactor(double gradNorm) {
        return config.clipNorm() == 0 ? 1 : Math.min(1, config.clipNorm() / (gradNorm + 1e-6));
    }

    private MicroBatchResult forwardBackward(long step, long firstSample, int micro, int microBatches) {
        TokenBatch tokens = batches.batch(firstSample + (long) micro * config.microBatch(), config.microBatch());
        long tokensOfStep = (long) tokens.inputs().length * microBatches;
        try (NDManager scope = setup.manager().newSubManager()) {
            long noiseSeed = (config.seed() * 1_000_003L + step) * 1_009L + micro;
            StageContext context = new StageContext(
                    scope,
                    setup.weights().precision(),
                    true,
                    step,
                    noiseSeed,
                    null,
                    setup.attention(),
                    setup.groups().exchange());
            return setup.pipeline()
                    .forwardBackward(
                            MicroBatch.of(scope, tokens, tokensOfStep),
                            context,
                            1.0 / microBatches,
                            lossScaler.scale());
        }
    }
}
