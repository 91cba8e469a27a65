package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of the tokens seen so far, one pair of arrays (B, H, S, D/H) a block, allocated once. Owned by the
 * manager it is made with; not safe for use by several threads.
 */
public final class KeyValueCache {
    private final List<NDArray> keysBHSD = new ArrayList<>();
    private final List<NDArray> valuesBHSD = new ArrayList<>();
    private final long capacity;
    private long length;

    /**
     * Allocates an empty cache.
     *
     * @param owner manager of the arrays
     * @param config the model
     * @param batch sequences, B
     * @param capacity most tokens of a sequence, S; at most the model's sequence length
     * @param precision precision of the activations
     */
    public KeyValueCache(NDManager owner, ModelConfig config, int batch, int capacity, Precision precision) {
        if (capacity < 1 || capacity > config.sequenceLength()) {
            throw new IllegalArgumentException(
                    "cache of " + capacity + " tokens for a model of sequence length " + config.sequenceLength());
        }
        this.capacity = capacity;
        Shape shape = new Shape(batch, config.heads(), capacity, config.hidden() / config.heads());
        for (int block = 0; block < config.layers(); block++) {
            keysBHSD.add(precision.zeros(owner, shape));
            valuesBHSD.add(precision.zeros(owner, shape));
        }
    }

    /**
     * Tokens in the cache.
     *
     * @return position of the next token
     */
    public long length() {
        return length;
    }

    NDArray keys(int block) {
        return keysBHSD.get(block);
    }

    NDArray values(int block) {
        return valuesBHSD.get(block);
    }

    void advance(long tokens) {
        length += tokens;
    }

    void requireRoom(long tokens) {
        if (length + tokens > capacity) {
            throw new IllegalArgumentException(
                    length + " tokens cached and " + tokens + " new ones exceed the cache of " + capacity);
        }
    }
}
