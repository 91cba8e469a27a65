package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.AdafactorKernels;
import io.github.gptmoe.core.kernel.AdafactorKernels.Adafactor;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.kernel.WeightArrays;
import io.github.gptmoe.train.config.AdafactorConfig;
import java.util.ArrayList;
import java.util.List;

/** Adafactor: the second moment of a matrix is one number a row and one a column, so it needs whole parameters. */
final class AdafactorOptimizer implements Optimizer {
    private record Part(ShardGroup group, WeightArrays arrays, NDList rows, NDList columns, NDList first) {}

    private final AdafactorConfig config;
    private final List<StateShard> state = new ArrayList<>();
    private final List<Part> parts = new ArrayList<>();

    /** Allocates zeroed moments. */
    AdafactorOptimizer(NDManager owner, List<ShardGroup> groups, AdafactorConfig config) {
        this.config = config;
        for (ShardGroup group : groups) {
            group.shards().forEach(AdafactorOptimizer::requireWhole);
            List<ParameterShard> kept = config.beta1() == 0 ? List.of() : group.shards();
            MomentArrays first = MomentArrays.zeros(owner, kept, "first_moment", MomentFormat.FP32);
            state.addAll(first.state());
            NDList rows = new NDList();
            NDList columns = new NDList();
            for (ParameterShard shard : group.shards()) {
                Shape shape = shard.parameter().shape();
                boolean matrix = isMatrix(shape);
                rows.add(kept(owner, shard, matrix ? "second_moment_rows" : "second_moment", shape.get(0)));
                columns.add(
                        matrix
                                ? kept(owner, shard, "second_moment_columns", shape.get(1))
                                : Precision.FP32.zeros(owner, new Shape(1))); // a list has an entry for each
            }
            parts.add(new Part(group, inOwnShapes(group.arrays(), group.shards()), rows, columns, first.arrays()));
        }
    }

    private static boolean isMatrix(Shape shape) {
        return shape.dimension() == 2;
    }

    private static void requireWhole(ParameterShard shard) {
        if (!shard.isWhole()) {
            throw new IllegalArgumentException(shard.parameter().name() + ": adafactor needs whole parameters, this is "
                    + shard.weights().size() + " of "
                    + shard.parameter().shape().size() + " elements");
        }
    }

    /** Whole parameters may come as flat arrays. */
    private static WeightArrays inOwnShapes(WeightArrays arrays, List<ParameterShard> shards) {
        NDList shaped = new NDList();
        for (int i = 0; i < shards.size(); i++) {
            NDArray weights = arrays.weights().get(i);
            Shape shape = shards.get(i).parameter().shape();
            shaped.add(weights.getShape().equals(shape) ? weights : weights.reshape(shape));
        }
        return new WeightArrays(shaped, arrays.lowPrecision(), arrays.grads(), arrays.rounding());
    }

    private NDArray kept(NDManager owner, ParameterShard shard, String name, long size) {
        NDArray zeros = Precision.FP32.zeros(owner, new Shape(size));
        state.add(new StateShard(MomentArrays.tensor(name, shard), new Shape(size), 0, zeros));
        return zeros;
    }

    /** Bytes kept for a parameter. */
    static long stateBytes(AdafactorConfig config, Shape shape) {
        long second = isMatrix(shape) ? shape.get(0) + shape.get(1) : shape.size();
        return (second + (config.beta1() == 0 ? 0 : shape.size())) * Precision.FP32.bytes();
    }

    @Override
    public void update(long number, double learningRate, double clip) {
        for (Part part : parts) {
            AdafactorKernels.adafactor(
                    part.arrays,
                    part.rows,
                    part.columns,
                    part.first,
                    new Adafactor(
                            number,
                            learningRate * part.group.learningRateFactor(),
                            config.beta1(),
                            1 - Math.pow((double) number, -config.decayExponent()),
                            config.epsilon(),
                            config.clipThreshold(),
                            config.relativeStep(),
                            config.minimumScale(),
                            part.group.weightDecay(),
                            clip));
        }
    }

    @Override
    public List<StateShard> state() {
        return List.copyOf(state);
    }
}
