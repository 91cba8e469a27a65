package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.SgdKernels;
import io.github.gptmoe.core.kernel.SgdKernels.Sgd;
import io.github.gptmoe.core.kernel.WeightArrays;
import io.github.gptmoe.train.config.SgdConfig;
import java.util.ArrayList;
import java.util.List;

/** Gradient descent with momentum, as {@code torch.optim.SGD} has it. */
final class SgdOptimizer implements Optimizer {
    private record Part(ShardGroup group, WeightArrays arrays, NDList sums) {}

    private final SgdConfig config;
    private final List<StateShard> state = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();

    /** Allocates zeroed running sums; none without momentum. */
    SgdOptimizer(NDManager owner, List<ShardGroup> groups, SgdConfig config) {
        this.config = config;
        for (ShardGroup group : groups) {
            List<ParameterShard> kept = config.momentum() == 0 ? List.of() : group.shards();
            MomentArrays sums = MomentArrays.zeros(owner, kept, "momentum", MomentFormat.FP32);
            state.addAll(sums.state());
            parts.add(new Part(group, group.arrays(), sums.arrays()));
        }
    }

    @Override
    public void update(long number, double learningRate, double clip) {
        for (Part part : parts) {
            double decay = part.group.weightDecay();
            SgdKernels.sgd(
                    part.arrays,
                    part.sums,
                    new Sgd(
                            number,
                            learningRate * part.group.learningRateFactor(),
                            config.momentum(),
                            config.nesterov(),
                            config.decoupledDecay() ? 0 : decay,
                            config.decoupledDecay() ? decay : 0,
                            clip));
        }
    }

    @Override
    public List<StateShard> state() {
        return List.copyOf(state);
    }
}
