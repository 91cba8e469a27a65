package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDManager;

/**
 * Everything a backward is told besides the gradient.
 *
 * @param scope owner of the returned gradient
 * @param auxiliaryWeight gradient of the loss with respect to a router's auxiliary loss
 * @param gradients where gradients of parameters go
 */
public record BackwardContext(NDManager scope, double auxiliaryWeight, GradientStore gradients) {
    /**
     * The same backward with another owner.
     *
     * @param other owner of the returned gradient
     * @return a context that differs in its scope only
     */
    public BackwardContext in(NDManager other) {
        return new BackwardContext(other, auxiliaryWeight, gradients);
    }
}
