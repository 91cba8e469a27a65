package io.github.gptmoe.core.model;

import io.github.gptmoe.core.kernel.Accumulators;
import java.util.List;

/** Where backward leaves the gradients of parameters. */
@FunctionalInterface
public interface GradientStore {
    /**
     * The accumulators of some parameters.
     *
     * @param parameters parameters of the model
     * @return their accumulators in order, and whether to add to them
     */
    Accumulators of(List<ModelParameter> parameters);
}
