package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.OptimizerKernels;
import io.github.gptmoe.core.kernel.OptimizerKernels.AdamW;
import io.github.gptmoe.core.kernel.OptimizerKernels.AdamWArrays;
import io.github.gptmoe.train.config.AdamWConfig;
import java.util.ArrayList;
import java.util.List;

/** AdamW, with moments in FP32, BF16 or 8 bits. */
final class AdamWOptimizer implements Optimizer {
    private record Part(ShardGroup group, AdamWArrays arrays) {}

    private final AdamWConfig config;
    private final List<StateShard> state = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();

    /** Allocates zeroed moments. */
    AdamWOptimizer(NDManager owner, List<ShardGroup> groups, AdamWConfig config) {
        this.config = config;
        MomentFormat format = MomentFormat.named(config.moments());
        for (ShardGroup group : groups) {
            MomentArrays first = MomentArrays.zeros(owner, group.shards(), "first_moment", format);
            MomentArrays second = MomentArrays.zeros(owner, group.shards(), "second_moment", format);
            state.addAll(first.state());
            state.addAll(second.state());
            parts.add(new Part(
                    group,
                    new AdamWArrays(group.arrays(), first.arrays(), first.scales(), second.arrays(), second.scales())));
        }
    }

    @Override
    public void update(long number, double learningRate, double clip) {
        for (Part part : parts) {
            OptimizerKernels.adamW(
                    part.arrays,
                    new AdamW(
                            number,
                            learningRate * part.group.learningRateFactor(),
                            config.beta1(),
                            config.beta2(),
                            config.epsilon(),
                            part.group.weightDecay(),
                            clip));
        }
    }

    @Override
    public List<StateShard> state() {
        return List.copyOf(state);
    }
}
