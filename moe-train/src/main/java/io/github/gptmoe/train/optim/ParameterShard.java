package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDArray;
import io.github.gptmoe.core.model.ModelParameter;
import org.jspecify.annotations.Nullable;

/**
 * The part of one parameter that a rank updates: all of it, or a run of its elements in row-major order. Its arrays have the
 * same number of elements and belong to whoever made the shard.
 *
 * @param parameter the parameter
 * @param from first element, a multiple of {@link io.github.gptmoe.train.collective.ShardPlan#ALIGNMENT}
 * @param master FP32 weights, updated
 * @param low copy to compute with, refreshed from the master; null when the master is computed with
 * @param gradient FP32 or BF16; read only
 */
public record ParameterShard(
        ModelParameter parameter,
        long from,
        NDArray master,
        @Nullable NDArray low,
        NDArray gradient) {
    /**
     * Whether this is the whole parameter.
     *
     * @return true if no other rank has a part
     */
    public boolean isWhole() {
        return master.size() == parameter.shape().size();
    }
}
