package io.github.gptmoe.train;

import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.AttentionForm;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.DecoderStage;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.WeightStore;
import io.github.gptmoe.train.collective.SingleProcess;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.optim.Optimizers;
import io.github.gptmoe.train.optim.ParameterShard;
import io.github.gptmoe.train.optim.Updates;
import io.github.gptmoe.train.pipeline.Gradients;
import io.github.gptmoe.train.pipeline.Pipeline;
import java.util.List;
import java.util.function.Predicate;

/**
 * Everything on the device that training needs, allocated once.
 *
 * @param manager owner of all arrays; closing the setup frees them
 * @param model the stages, with FP32 masters
 * @param weights the arrays stages compute with
 * @param gradients accumulators
 * @param updates optimizers and their count
 * @param pipeline forward and backward
 * @param attention how sequences attend, in training and validation
 */
record TrainingSetup(
        NDManager manager,
        GptModel model,
        WeightStore weights,
        Gradients gradients,
        Updates updates,
        Pipeline pipeline,
        AttentionForm attention)
        implements AutoCloseable {

    /** Allocates model, gradients and moments with the initial weights of the configured seed. */
    static TrainingSetup of(RunConfig config) {
        KernelModule.enter();
        TrainConfig train = config.train();
        NDManager manager = NDManager.newBaseManager();
        AttentionForm attention = RunAttention.on(manager.getDevice(), config).form();
        GptModel model = new GptModel(config.model());
        model.initialize(manager, train.seed());
        WeightStore weights = new WeightStore(manager, model, Precision.named(train.precision()));
        Gradients gradients = new Gradients(manager, model, Precision.named(train.gradientPrecision()));
        Updates updates = new Updates(List.of(Optimizers.of(
                train.optimizer(), manager, shards(model, weights, gradients), new SingleProcess(), train.seed())));
        Predicate<DecoderStage> recomputed = block ->
                train.recomputes(model.blocks().indexOf(block), block.router().isPresent());
        Pipeline pipeline = new Pipeline(model, weights, gradients, recomputed, train.headChunk());
        return new TrainingSetup(manager, model, weights, gradients, updates, pipeline, attention);
    }

    private static List<ParameterShard> shards(GptModel model, WeightStore weights, Gradients gradients) {
        return model.parameters().stream()
                .map(parameter -> new ParameterShard(
                        parameter,
                        0,
                        parameter.parameter().getArray(),
                        weights.copiesOf(List.of(parameter)).stream()
                                .findFirst()
                                .orElse(null),
                        gradients.arrays(List.of(parameter)).head()))
                .toList();
    }

    @Override
    public void close() {
        manager.close();
    }
}
