package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.train.collective.ShardPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * One moment of every parameter of a group: as many elements as the weights.
 *
 * @param arrays values or codes
 * @param scales scales of codes; else empty
 * @param state what a checkpoint has to hold
 */
record MomentArrays(NDList arrays, NDList scales, List<StateShard> state) {
    /**
     * Allocates zeroed moments.
     *
     * @param name of the moment, such as {@code first_moment}; with scales there is a second tensor {@code NAME_scale}
     */
    static MomentArrays zeros(NDManager owner, List<ParameterShard> shards, String name, MomentFormat format) {
        MomentArrays moments = new MomentArrays(new NDList(), new NDList(), new ArrayList<>());
        for (ParameterShard shard : shards) {
            Shape own = shard.weights().getShape();
            Shape whole = shard.parameter().shape();
            NDArray array = format.zeros(owner, own);
            moments.arrays.add(array);
            moments.state.add(new StateShard(tensor(name, shard), whole, shard.from(), array));
            if (format.hasScales()) {
                NDArray scale = MomentFormat.FP32.zeros(owner, MomentFormat.scales(own));
                moments.scales.add(scale);
                moments.state.add(new StateShard(
                        tensor(name + "_scale", shard),
                        MomentFormat.scales(whole),
                        shard.from() / ShardPlan.ALIGNMENT,
                        scale));
            }
        }
        return moments;
    }

    /** Name of a state tensor in a checkpoint. */
    static String tensor(String name, ParameterShard shard) {
        return StateShard.PREFIX + name + "." + shard.parameter().name();
    }
}
