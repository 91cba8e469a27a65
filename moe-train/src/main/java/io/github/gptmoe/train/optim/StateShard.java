package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * What a rank holds of one tensor that belongs into a checkpoint.
 *
 * @param name name of the whole tensor in a checkpoint, such as {@code optimizer.first_moment.blocks.0.ffn.up.weight}; those of optimizers begin with {@value #PREFIX}
 * @param shape its shape
 * @param from first element that this rank holds, row-major
 * @param array the elements from there on; they belong to whoever made the shard
 */
public record StateShard(String name, Shape shape, long from, NDArray array) {
    /** What names of an optimizer's tensors begin with. */
    public static final String PREFIX = "optimizer.";
}
