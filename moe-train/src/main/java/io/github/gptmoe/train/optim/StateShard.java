package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * What a rank holds of one tensor of an optimizer's state.
 *
 * @param name name of the whole tensor in a checkpoint, such as {@code optimizer.first_moment.blocks.0.ffn.up.weight}
 * @param shape its shape
 * @param from first element that this rank holds, row-major
 * @param array the elements from there on; the optimizer's own
 */
public record StateShard(String name, Shape shape, long from, NDArray array) {
    /** Prefix of all names. */
    static final String PREFIX = "optimizer.";
}
