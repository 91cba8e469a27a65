package io.github.gptmoe.eval;

import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.WeightStore;
import io.github.gptmoe.train.config.RunConfig;

/** An untrained model with the initial weights of a configuration, to measure with; no tokenizer, no checkpoint. */
final class RandomModel implements AutoCloseable {
    private final NDManager manager;
    private final InferenceModel model;

    /** Draws the weights; in BF16 and FP16 the FP32 values they are rounded from stay in memory, too. */
    RandomModel(RunConfig config, Precision precision) {
        KernelModule.enter();
        manager = NDManager.newBaseManager();
        try {
            GptModel stages = new GptModel(TrainedModel.withoutDrops(config.model()));
            stages.initialize(manager, config.train().seed());
            model = new InferenceModel(stages, new WeightStore(manager, stages, precision), precision, manager);
        } catch (RuntimeException | Error failed) {
            manager.close();
            throw failed;
        }
    }

    InferenceModel inference() {
        return model;
    }

    @Override
    public void close() {
        manager.close();
    }
}
