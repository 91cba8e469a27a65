package io.github.gptmoe.train.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.OptimizerKernels;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelParameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gradient accumulators, one for each parameter, allocated once and added to in place over micro-batches. */
public final class Gradients {
    private final Map<String, NDArray> accumulators = new LinkedHashMap<>();

    /**
     * Allocates zeroed accumulators.
     *
     * @param owner manager of the arrays
     * @param model whose parameters they are for
     * @param precision of the accumulators; parameters that compute in FP32 have FP32 ones
     */
    public Gradients(NDManager owner, GptModel model, Precision precision) {
        for (ModelParameter parameter : model.parameters()) {
            Precision own = parameter.computeInFp32() ? Precision.FP32 : precision;
            accumulators.put(parameter.name(), own.zeros(owner, parameter.shape()));
        }
    }

    /**
     * The accumulators of some parameters.
     *
     * @param parameters parameters of the model
     * @return their accumulators in order; owned by this object's manager
     */
    public NDList of(List<ModelParameter> parameters) {
        NDList list = new NDList(parameters.size());
        parameters.forEach(parameter -> list.add(of(parameter)));
        return list;
    }

    private NDArray of(ModelParameter parameter) {
        NDArray accumulator = accumulators.get(parameter.name());
        if (accumulator == null) {
            throw new IllegalArgumentException("no gradient for " + parameter.name());
        }
        return accumulator;
    }

    /** Sets all accumulators to zero. */
    public void zero() {
        OptimizerKernels.zero(all());
    }

    /**
     * Global L2 norm over all parameters. Waits for the device.
     *
     * @param scope owner of temporaries
     * @return the norm; not finite if any entry is not
     */
    public double norm(NDManager scope) {
        try (NDArray squared = OptimizerKernels.normSquared(scope, all())) {
            return Math.sqrt(squared.getFloat());
        }
    }

    private NDList all() {
        return new NDList(accumulators.values());
    }
}
