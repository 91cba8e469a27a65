package io.github.gptmoe.train;

import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.data.TokenBatch;
import io.github.gptmoe.train.config.TrainConfig;
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

    TrainStep(TrainingSetup setup, TrainConfig config, LearningRateSchedule schedule, Batches batches) {
        this.setup = setup;
        this.config = config;
        this.schedule = schedule;
        this.batches = batches;
    }

    /** Makes step {@code step} (from 1) on the samples from {@code firstSample} on. */
    StepResult run(long step, long firstSample) {
        setup.gradients().begin();
        StepSums sums = new StepSums();
        int microBatches = config.globalBatch() / config.microBatch();
        for (int micro = 0; micro < microBatches; micro++) {
            sums.add(forwardBackward(step, firstSample, micro, microBatches));
        }
        double gradNorm = setup.gradients().norm(setup.manager()); // host sync: clipping and the finite check need it
        if (!Double.isFinite(gradNorm) || !Double.isFinite(sums.loss(microBatches))) {
            return sums.result(microBatches, schedule.at(step), gradNorm, true);
        }
        setup.updates().update(schedule.at(step), clipFactor(gradNorm));
        return sums.result(microBatches, schedule.at(step), gradNorm, false);
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
                    .forwardBackward(MicroBatch.of(scope, tokens, tokensOfStep), context, 1.0 / microBatches);
        }
    }
}
