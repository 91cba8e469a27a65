package io.github.gptmoe.router;

import ai.djl.ndarray.types.Shape;

/**
 * A parameter that a router asks the model to hold.
 *
 * @param name the name below the layer's router, for instance {@code weight}
 * @param shape the shape, for instance (E, D)
 * @param initStd the standard deviation of the normal distribution around 0 that it starts from
 */
public record RouterWeight(String name, Shape shape, float initStd) {}
