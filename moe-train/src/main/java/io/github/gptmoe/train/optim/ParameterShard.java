package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDArray;
import io.github.gptmoe.core.model.ModelParameter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The part of one parameter that a rank updates: all of it, or a run of its elements in row-major order. Its arrays have the
 * same number of elements and belong to whoever made the shard.
 *
 * @param parameter the parameter
 * @param from first element, a multiple of {@link io.github.gptmoe.train.collective.ShardPlan#ALIGNMENT}
 * @param master FP32 weights, updated; null where there are none and the BF16 weights themselves are updated
 * @param low BF16 weights to compute with, refreshed from the master where there is one; null when the master is computed with
 * @param gradient FP32 or BF16; read only
 */
public record ParameterShard(
        ModelParameter parameter,
        long from,
        @Nullable NDArray master,
        @Nullable NDArray low,
        NDArray gradient) {
    /**
     * Checks that there is something to update.
     *
     * @param parameter as above
     * @param from as above
     * @param master as above
     * @param low as above
     * @param gradient as above
     */
    public ParameterShard {
        if (master == null && low == null) {
            throw new IllegalArgumentException(parameter.name() + ": neither a master nor a low-precision weight");
        }
    }

    /**
     * What an optimizer updates.
     *
     * @return the master, or without one the BF16 weights
     */
    public NDArray weights() {
        return master != null ? master : Objects.requireNonNull(low);
    }

    /**
     * Whether a second array is refreshed from the weights.
     *
     * @return true if there are a master and a low-precision copy
     */
    boolean isCopied() {
        return master != null && low != null;
    }

    /**
     * Whether this is the whole parameter.
     *
     * @return true if no other rank has a part
     */
    public boolean isWhole() {
        return weights().size() == parameter.shape().size();
    }
}
