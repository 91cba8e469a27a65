package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.github.gptmoe.core.kernel.StochasticRounding;
import io.github.gptmoe.core.kernel.WeightArrays;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.train.config.OptimizerConfig;
import io.github.gptmoe.train.config.ParameterGroupConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shards that are updated alike, in one native call.
 *
 * @param learningRateFactor what the learning rate is multiplied by
 * @param weightDecay decay of these parameters; 0 for biases, norms and positions
 * @param decays whether these are parameters that decay, whatever the amount
 * @param shards at least one
 * @param seed of stochastic rounding
 */
record ShardGroup(
        double learningRateFactor, double weightDecay, boolean decays, List<ParameterShard> shards, long seed) {
    private record Kind(double learningRateFactor, double weightDecay, boolean decays, boolean copied) {}

    /** Sorts shards by what differs in their update; the order inside a group is that of the shards. */
    static List<ShardGroup> of(OptimizerConfig config, List<ParameterShard> shards, long seed) {
        Map<Kind, List<ParameterShard>> byKind = new LinkedHashMap<>();
        for (ParameterShard shard : shards) {
            byKind.computeIfAbsent(kind(config, shard), kind -> new ArrayList<>())
                    .add(shard);
        }
        return byKind.entrySet().stream()
                .map(entry -> new ShardGroup(
                        entry.getKey().learningRateFactor,
                        entry.getKey().weightDecay,
                        entry.getKey().decays,
                        List.copyOf(entry.getValue()),
                        seed))
                .toList();
    }

    private static Kind kind(OptimizerConfig config, ParameterShard shard) {
        ModelParameter parameter = shard.parameter();
        double factor = 1;
        double decay = config.weightDecay();
        for (ParameterGroupConfig group : config.groups()) {
            if (group.matches(parameter.name())) {
                factor = group.learningRateFactor();
                decay = group.weightDecay() == null ? decay : group.weightDecay();
                break;
            }
        }
        return new Kind(factor, parameter.decay() ? decay : 0, parameter.decay(), shard.isCopied());
    }

    /** The arrays of the shards as kernels take them; the shards' own. */
    WeightArrays arrays() {
        NDList weights = new NDList();
        NDList low = new NDList();
        NDList grads = new NDList();
        for (ParameterShard shard : shards) {
            weights.add(shard.weights());
            grads.add(shard.gradient());
            NDArray copy = shard.low();
            if (shard.isCopied() && copy != null) {
                low.add(copy);
            }
        }
        List<String> names =
                shards.stream().map(shard -> shard.parameter().name()).toList();
        List<Long> from = shards.stream().map(ParameterShard::from).toList();
        return new WeightArrays(weights, low, grads, new StochasticRounding(seed, names, from));
    }
}
