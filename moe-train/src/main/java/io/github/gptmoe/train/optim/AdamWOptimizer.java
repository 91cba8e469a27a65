package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.OptimizerKernels;
import io.github.gptmoe.core.kernel.OptimizerKernels.AdamW;
import io.github.gptmoe.core.kernel.OptimizerKernels.AdamWArrays;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.train.config.OptimizerConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * AdamW, with the shards grouped by what differs in an update: weight decay (none on biases, norms and positions) and whether
 * a low-precision copy is refreshed. Moments are FP32.
 */
public final class AdamWOptimizer implements Optimizer {
    private record Group(double weightDecay, AdamWArrays arrays) {}

    private final OptimizerConfig config;
    private final List<StateShard> state = new ArrayList<>();
    private final List<Group> groups = new ArrayList<>();

    /**
     * Allocates zeroed moments.
     *
     * @param owner manager of the moments
     * @param shards what is updated
     * @param config hyperparameters
     */
    public AdamWOptimizer(NDManager owner, List<ParameterShard> shards, OptimizerConfig config) {
        this.config = config;
        Map<List<Boolean>, Group> byKind = new LinkedHashMap<>();
        for (ParameterShard shard : shards) {
            boolean decays = shard.parameter().decay();
            AdamWArrays arrays =
                    byKind.computeIfAbsent(List.of(decays, shard.low() == null), kind -> emptyGroup(decays)).arrays;
            arrays.masters().add(shard.master());
            arrays.grads().add(shard.gradient());
            if (shard.low() != null) {
                arrays.lowPrecision().add(shard.low());
            }
            arrays.firstMoments().add(moment(owner, shard, "first_moment."));
            arrays.secondMoments().add(moment(owner, shard, "second_moment."));
        }
        groups.addAll(byKind.values());
    }

    private Group emptyGroup(boolean decays) {
        return new Group(
                decays ? config.weightDecay() : 0,
                new AdamWArrays(new NDList(), new NDList(), new NDList(), new NDList(), new NDList()));
    }

    private NDArray moment(NDManager owner, ParameterShard shard, String kind) {
        NDArray zeros = Precision.FP32.zeros(owner, shard.master().getShape());
        String name = StateShard.PREFIX + kind + shard.parameter().name();
        state.add(new StateShard(name, shard.parameter().shape(), shard.from(), zeros));
        return zeros;
    }

    @Override
    public void update(long number, double learningRate, double clip) {
        for (Group group : groups) {
            OptimizerKernels.adamW(
                    group.arrays,
                    new AdamW(
                            number,
                            learningRate,
                            config.beta1(),
                            config.beta2(),
                            config.epsilon(),
                            group.weightDecay,
                            clip));
        }
    }

    @Override
    public List<StateShard> state() {
        return List.copyOf(state);
    }
}
