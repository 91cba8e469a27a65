package io.github.gptmoe.train;

import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.AttentionForm;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.DecoderStage;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.WeightStore;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.collective.SingleProcess;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.optim.Optimizers;
import io.github.gptmoe.train.optim.ParameterShard;
import io.github.gptmoe.train.optim.Updates;
import io.github.gptmoe.train.pipeline.Pipeline;
import io.github.gptmoe.train.sharding.Layout;
import io.github.gptmoe.train.sharding.RankGroups;
import io.github.gptmoe.train.sharding.RankState;
import java.util.List;
import java.util.function.Predicate;

/**
 * Everything on a rank's device that training needs, allocated once.
 *
 * @param manager owner of all arrays; closing the setup frees them
 * @param groups the other ranks
 * @param model the stages
 * @param state weights and gradients
 * @param updates optimizers and their count
 * @param pipeline forward and backward
 * @param attention how sequences attend, in training and validation
 */
record TrainingSetup(
        NDManager manager,
        RankGroups groups,
        GptModel model,
        RankState state,
        Updates updates,
        Pipeline pipeline,
        AttentionForm attention)
        implements AutoCloseable {

    /** Allocates for the only rank, with the initial weights of the configured seed. */
    static TrainingSetup of(RunConfig config) {
        return of(config, RankGroups.dataParallel(new SingleProcess()));
    }

    /** Allocates for a rank, on the calling thread, which is to train. */
    static TrainingSetup of(RunConfig config, RankGroups groups) {
        KernelModule.enter();
        TrainConfig train = config.train();
        NDManager manager = NDManager.newBaseManager(groups.world().device());
        AttentionForm attention = RunAttention.on(manager.getDevice(), config).form();
        GptModel model = new GptModel(config.model());
        RankState state = new RankState(
                manager,
                model,
                Layout.of(model, train.zeroStage(), groups.world().worldSize(), groups.expertRange()),
                groups,
                Precision.named(train.precision()),
                Precision.named(train.gradientPrecision()),
                !train.optimizer().withoutMasters(),
                !train.optimizerInBackward());
        state.initialize(train.seed());
        Updates updates = new Updates(parts(state, train).stream()
                .map(shards -> Optimizers.of(train.optimizer(), manager, shards, sharers(groups, train), train.seed()))
                .toList());
        Predicate<DecoderStage> recomputed = block ->
                train.recomputes(model.blocks().indexOf(block), block.router().isPresent());
        Pipeline pipeline = new Pipeline(model, state.weights(), state.gradients(), recomputed, train.headChunk());
        return new TrainingSetup(manager, groups, model, state, updates, pipeline, attention);
    }

    /** What is updated in one go: everything, or, during backward, a bucket. */
    private static List<List<ParameterShard>> parts(RankState state, TrainConfig train) {
        return train.optimizerInBackward() ? List.copyOf(state.shardsByBucket().values()) : List.of(state.shards());
    }

    /** The ranks that together have every parameter once. */
    private static ProcessGroup sharers(RankGroups groups, TrainConfig train) {
        return train.zeroStage() == 0 ? new SingleProcess() : groups.world();
    }

    WeightStore weights() {
        return state.weights();
    }

    @Override
    public void close() {
        try {
            state.finish();
        } finally {
            manager.close();
        }
    }
}
