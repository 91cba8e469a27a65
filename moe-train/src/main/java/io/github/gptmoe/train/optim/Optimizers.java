package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.config.AdafactorConfig;
import io.github.gptmoe.train.config.AdamWConfig;
import io.github.gptmoe.train.config.LambConfig;
import io.github.gptmoe.train.config.OptimizerConfig;
import io.github.gptmoe.train.config.SgdConfig;
import java.util.List;

/** Which class an optimizer's configuration stands for. */
public final class Optimizers {
    private Optimizers() {}

    /**
     * Makes an optimizer with zeroed state. All ranks of the group do so at the same place of their program, and later make
     * their updates together.
     *
     * @param config which one, with what settings
     * @param owner manager of the state
     * @param shards what this rank updates; may be empty
     * @param group the ranks that together have every parameter once
     * @param seed of the run; stochastic rounding follows from it
     * @return the optimizer
     * @throws IllegalArgumentException if it needs whole parameters and a shard is a part, or if a shard has a master beside
     *     BF16 weights although the configuration says none, or the other way round
     */
    public static Optimizer of(
            OptimizerConfig config, NDManager owner, List<ParameterShard> shards, ProcessGroup group, long seed) {
        shards.forEach(shard -> requireMastersAsConfigured(config, shard));
        List<ShardGroup> groups = ShardGroup.of(config, shards, seed);
        if (config instanceof AdamWConfig adamW) {
            return new AdamWOptimizer(owner, groups, adamW);
        }
        if (config instanceof LambConfig lamb) {
            return new LambOptimizer(owner, groups, lamb, group);
        }
        if (config instanceof SgdConfig sgd) {
            return new SgdOptimizer(owner, groups, sgd);
        }
        return new AdafactorOptimizer(owner, groups, (AdafactorConfig) config);
    }

    private static void requireMastersAsConfigured(OptimizerConfig config, ParameterShard shard) {
        if (shard.low() != null && config.withoutMasters() == shard.isCopied()) {
            throw new IllegalArgumentException(shard.parameter().name() + ": masterWeights is " + config.masterWeights()
                    + ", but the shard " + (shard.isCopied() ? "has a master" : "has none"));
        }
    }

    /**
     * Whether ranks exchange numbers in each update, so that all must make the same parts of it in the same order.
     *
     * @param config which optimizer
     * @param zeroStage above 0, ranks have parts of parameters
     * @return true if an update is a collective operation
     */
    public static boolean areCollective(OptimizerConfig config, int zeroStage) {
        return zeroStage > 0 && config instanceof LambConfig;
    }

    /**
     * Bytes that an optimizer keeps for a parameter, or for a part of one.
     *
     * @param config which optimizer
     * @param shape of the parameter; of a part, the number of its elements
     * @return bytes of its state tensors
     */
    public static long stateBytes(OptimizerConfig config, Shape shape) {
        if (config instanceof AdamWConfig adamW) {
            return 2 * MomentFormat.named(adamW.moments()).bytes(shape);
        }
        if (config instanceof LambConfig) {
            return 2 * MomentFormat.FP32.bytes(shape);
        }
        if (config instanceof SgdConfig sgd) {
            return sgd.momentum() == 0 ? 0 : MomentFormat.FP32.bytes(shape);
        }
        return AdafactorOptimizer.stateBytes((AdafactorConfig) config, shape);
    }
}
