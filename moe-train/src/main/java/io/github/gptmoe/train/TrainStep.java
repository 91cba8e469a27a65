package io.github.gptmoe.train;

import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.data.TokenBatch;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.lossscale.LossScaler;
import io.github.gptmoe.train.optim.LearningRateSchedule;
import io.github.gptmoe.train.pipeline.MicroBatch;
import io.github.gptmoe.train.pipeline.MicroBatchResult;

/** One optimizer step: accumulate the micro-batches' gradients, look at their norm, clip, update. */
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
    private final LossScaler lossScaler;

    TrainStep(TrainingSetup setup, TrainConfig config, LearningRateSchedule schedule, Batches batches) {
        this.setup = setup;
        this.config = config;
        this.schedule = schedule;
        this.batches = batches;
        this.lossScaler = LossScaler.of(config);
    }

    /** The scale of the loss; its state belongs in a checkpoint. */
    LossScaler lossScaler() {
        return lossScaler;
    }

    /** Makes step {@code step} (from 1) on the samples from {@code firstSample} on. */
    StepResult run(long step, long firstSample) {
        setup.gradients().begin();
        StepSums sums = new StepSums();
        int microBatches = config.globalBatch() / config.microBatch();
        for (int micro = 0; micro < microBatches; micro++) {
            sums.add(forwardBackward(step, firstSample, micro, microBatches));
        }
        double scale = lossScaler.scale();
        double gradNorm = setup.gradients().norm(setup.manager()) / scale; // host sync: clipping and finite check
        boolean finite = Double.isFinite(gradNorm) && Double.isFinite(sums.loss(microBatches));
        if (finite) {
            setup.updates().update(schedule.at(step), clipFactor(gradNorm) / scale);
        }
        return scaled(sums.result(microBatches, schedule.at(step), gradNorm, !finite));
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
                    scope, setup.weights().precision(), true, step, noiseSeed, null, setup.attention());
            return setup.pipeline()
                    .forwardBackward(
                            MicroBatch.of(scope, tokens, tokensOfStep),
                            context,
                            1.0 / microBatches,
                            lossScaler.scale());
        }
    }
}
