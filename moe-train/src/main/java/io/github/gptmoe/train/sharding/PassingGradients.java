package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.Accumulators;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.model.Stage;
import io.github.gptmoe.train.collective.ProcessGroup;
import java.util.List;
import java.util.function.Consumer;

/**
 * Gradients that are used the moment they are there and never kept: for steps of one micro-batch a rank, whose stages are
 * updated during backward (Lv et al., 2023, "Full parameter fine-tuning for large language models with limited resources").
 */
final class PassingGradients implements ShardedGradients {
    private final Layout layout;
    private final RankGroups groups;
    private final StageBuffers buffers;
    private Consumer<Bucket> user = bucket -> {};

    PassingGradients(NDManager owner, Layout layout, RankGroups groups, Precision low) {
        this.layout = layout;
        this.groups = groups;
        buffers = new StageBuffers(owner, layout, groups, low, 1);
    }

    /** Sets who is given every bucket, with its gradients summed over the ranks; afterwards they are overwritten. */
    void onComplete(Consumer<Bucket> whoUsesThem) {
        user = whoUsesThem;
    }

    @Override
    public void begin(int microBatches) {
        if (microBatches != 1) {
            throw new IllegalArgumentException(microBatches + " micro-batches, but gradients are not kept");
        }
    }

    @Override
    public void beginMicroBatch() {
        // nothing is kept between them
    }

    @Override
    public Accumulators of(List<ModelParameter> parameters) {
        return new Accumulators(buffers.of(parameters), false);
    }

    @Override
    public void complete(Stage stage) {
        for (Bucket bucket : layout.of(stage)) {
            ProcessGroup group = groups.of(bucket);
            StageBuffers.Buffer buffer = buffers.of(bucket);
            if (group.worldSize() > 1 && layout.zeroStage() == 0) {
                group.allReduce(buffer.flat());
            } else if (group.worldSize() > 1) {
                group.reduceScatter(buffer.flat(), buffer.part());
            }
            user.accept(bucket);
        }
    }

    @Override
    public void end() {
        // every sum has been waited for by its user
    }

    @Override
    public NDArray owned(Bucket bucket) {
        return buffers.of(bucket).part();
    }
}
