package io.github.gptmoe.train;

import ai.djl.Device;
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
import io.github.gptmoe.train.sharding.HostCopies;
import io.github.gptmoe.train.sharding.HostDivision;
import io.github.gptmoe.train.sharding.Layout;
import io.github.gptmoe.train.sharding.Offload;
import io.github.gptmoe.train.sharding.RankGroups;
import io.github.gptmoe.train.sharding.RankState;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Everything on a rank's device that training needs, and what it keeps on its host, allocated once.
 *
 * @param manager owner of all arrays; closing the setup frees them
 * @param groups the other ranks
 * @param model the stages
 * @param state weights and gradients
 * @param updates optimizers and their count
 * @param pipeline forward and backward
 * @param attention how sequences attend, in training and validation
 * @param offload what updates on the host need; null if they are made on the device
 */
record TrainingSetup(
        NDManager manager,
        RankGroups groups,
        GptModel model,
        RankState state,
        Updates updates,
        Pipeline pipeline,
        AttentionForm attention,
        @Nullable Offload offload)
        implements AutoCloseable {

    /** Allocates for the only rank, with the initial weights of the configured seed. */
    static TrainingSetup of(RunConfig config) {
        return of(config, RankGroups.dataParallel(new SingleProcess()));
    }

    /** Allocates for a rank, on the calling thread, which is to train. */
    static TrainingSetup of(RunConfig config, RankGroups groups) {
        TrainConfig train = config.train();
        boolean together = Optimizers.areCollective(train.optimizer(), train.zeroStage());
        return of(config, groups, HostCopies::of, HostDivision.elements(together));
    }

    /** As above; offloaded, with certain copies between a device and its host, of portions of a certain size. */
    static TrainingSetup of(RunConfig config, RankGroups groups, Function<Device, HostCopies> copies, long portion) {
        KernelModule.enter();
        TrainConfig train = config.train();
        NDManager manager = NDManager.newBaseManager(groups.world().device());
        AttentionForm attention = RunAttention.on(manager.getDevice(), config).form();
        GptModel model = new GptModel(config.model());
        Offload offload = train.offloads()
                ? new Offload(manager.newSubManager(Device.cpu()), copies.apply(manager.getDevice()), portion)
                : null;
        RankState state = new RankState(
                manager,
                model,
                Layout.of(model, train.zeroStage(), groups.world().worldSize(), groups.expertRange()),
                groups,
                Precision.named(train.precision()),
                Precision.named(train.gradientPrecision()),
                !train.optimizer().withoutMasters(),
                !train.optimizerInBackward(),
                offload);
        state.initialize(train.seed());
        NDManager home = offload == null ? manager : offload.host();
        Updates updates = new Updates(
                parts(state, train).stream()
                        .map(shards ->
                                Optimizers.of(train.optimizer(), home, shards, sharers(groups, train), train.seed()))
                        .toList(),
                state.partOrder());
        Predicate<DecoderStage> recomputed = block ->
                train.recomputes(model.blocks().indexOf(block), block.router().isPresent());
        Pipeline pipeline =
                new Pipeline(model, state.weights(), state::enter, state.gradients(), recomputed, train.headChunk());
        return new TrainingSetup(manager, groups, model, state, updates, pipeline, attention, offload);
    }

    /** What is updated in one go: everything, or, during backward, a bucket, or, on the host, a piece of one. */
    private static List<List<ParameterShard>> parts(RankState state, TrainConfig train) {
        return train.optimizerInBackward() || train.offloads()
                ? state.partsByBucket().values().stream().flatMap(List::stream).toList()
                : List.of(state.shards());
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
            try {
                state.abandon();
            } finally {
                closeCopies();
            }
        } finally {
            manager.close();
        }
    }

    /** Before the memory that they go to. */
    private void closeCopies() {
        if (offload != null) {
            offload.copies().close();
        }
    }
}
