package io.github.gptmoe.train;

import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.optim.Optimizers;

/**
 * Bytes that a training run holds whatever the batch is, by count: for each parameter its FP32 master, a low-precision copy
 * where it has one, its gradient accumulator and the optimizer's state.
 *
 * @param weights masters and copies
 * @param gradients accumulators
 * @param optimizer its state
 */
record StateBytes(long weights, long gradients, long optimizer) {
    /** Counts for a model, which need not be initialised. */
    static StateBytes of(GptModel model, TrainConfig train) {
        Precision precision = Precision.named(train.precision());
        Precision gradientPrecision = Precision.named(train.gradientPrecision());
        long weights = 0;
        long gradients = 0;
        long optimizer = 0;
        for (ModelParameter parameter : model.parameters()) {
            long elements = parameter.shape().size();
            boolean fp32 = parameter.computeInFp32();
            boolean copied = precision != Precision.FP32 && !fp32;
            boolean mastered = !copied || !train.optimizer().withoutMasters();
            weights += elements * ((mastered ? Precision.FP32.bytes() : 0) + (copied ? precision.bytes() : 0));
            gradients += elements * (fp32 ? Precision.FP32 : gradientPrecision).bytes();
            optimizer += Optimizers.stateBytes(train.optimizer(), parameter);
        }
        return new StateBytes(weights, gradients, optimizer);
    }

    long total() {
        return weights + gradients + optimizer;
    }
}
