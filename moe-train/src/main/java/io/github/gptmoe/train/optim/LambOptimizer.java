package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.LambKernels;
import io.github.gptmoe.core.kernel.LambKernels.Lamb;
import io.github.gptmoe.core.kernel.WeightArrays;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.config.LambConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * LAMB: Adam's step of each matrix is scaled by the trust ratio {@code |w| / |r|}, over the whole matrix whoever has its parts.
 * Biases, norms and positions have ratio 1: You et al. exclude them in their own code, and so does NVIDIA's FusedLAMB unless told
 * otherwise.
 */
final class LambOptimizer implements Optimizer {
    private record Part(ShardGroup group, WeightArrays arrays, MomentArrays first, MomentArrays second) {}

    private final LambConfig config;
    private final List<StateShard> state = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();
    private final WholeSums sums;

    /** Allocates zeroed moments, and agrees with the other ranks on the parameters that are divided. */
    LambOptimizer(NDManager owner, List<ShardGroup> groups, LambConfig config, ProcessGroup ranks) {
        this.config = config;
        List<ParameterShard> trusted = new ArrayList<>();
        for (ShardGroup group : groups) {
            Part part = new Part(
                    group,
                    group.arrays(),
                    MomentArrays.zeros(owner, group.shards(), "first_moment", MomentFormat.FP32),
                    MomentArrays.zeros(owner, group.shards(), "second_moment", MomentFormat.FP32));
            state.addAll(part.first.state());
            state.addAll(part.second.state());
            parts.add(part);
            trusted.addAll(group.decays() ? group.shards() : List.of());
        }
        sums = new WholeSums(ranks, trusted);
    }

    @Override
    public void update(long number, double learningRate, double clip) {
        List<Lamb> settings = new ArrayList<>();
        List<double[]> own = new ArrayList<>();
        for (Part part : parts) {
            Lamb lamb = new Lamb(
                    number,
                    learningRate * part.group.learningRateFactor(),
                    config.beta1(),
                    config.beta2(),
                    config.epsilon(),
                    part.group.weightDecay(),
                    clip);
            settings.add(lamb);
            double[] squares = LambKernels.moments(part.arrays, part.first.arrays(), part.second.arrays(), lamb);
            for (int i = 0; i < squares.length && part.group.decays(); i += 2) {
                own.add(new double[] {squares[i], squares[i + 1]});
            }
        }
        List<double[]> whole = sums.of(own);
        int next = 0;
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            double[] trust = new double[part.group.shards().size()];
            for (int k = 0; k < trust.length; k++) {
                trust[k] = part.group.decays() ? trust(whole.get(next++)) : 1;
            }
            LambKernels.apply(part.arrays, part.first.arrays(), part.second.arrays(), settings.get(i), trust);
        }
    }

    /** The ratio of two norms, given their squares. */
    private double trust(double[] squares) {
        if (squares[0] == 0 || squares[1] == 0) {
            return 1;
        }
        double ratio = Math.sqrt(squares[0] / squares[1]);
        return Math.min(config.maximumTrust(), Math.max(config.minimumTrust(), ratio));
    }

    @Override
    public List<StateShard> state() {
        return List.copyOf(state);
    }
}
