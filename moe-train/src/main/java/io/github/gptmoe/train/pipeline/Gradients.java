package io.github.gptmoe.train.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.Accumulators;
import io.github.gptmoe.core.kernel.OptimizerKernels;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.GradientStore;
import io.github.gptmoe.core.model.ModelParameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gradient accumulators, one for each parameter, allocated once. The first micro-batch of a step overwrites them, the others
 * add: clearing them would be one more pass over memory a step.
 */
public final class Gradients implements GradientStore {
    private final Map<String, NDArray> accumulators = new LinkedHashMap<>();
    private boolean holdsMicroBatch;

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

    @Override
    public Accumulators of(List<ModelParameter> parameters) {
        return new Accumulators(arrays(parameters), holdsMicroBatch);
    }

    /**
     * The arrays of some parameters.
     *
     * @param parameters parameters of the model
     * @return their accumulators in order; owned by this object's manager
     */
    public NDList arrays(List<ModelParameter> parameters) {
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

    /** Begins a step: what the accumulators hold is forgotten. */
    public void begin() {
        holdsMicroBatch = false;
    }

    /** Tells that every accumulator has received the gradient of a micro-batch. */
    void received() {
        holdsMicroBatch = true;
    }

    /**
     * Global L2 norm over all parameters, after at least one micro-batch. Waits for the device.
     *
     * @param scope owner of temporaries
     * @return the norm; not finite if any entry is not
     */
    public double norm(NDManager scope) {
        try (NDArray squared = OptimizerKernels.normSquared(scope, new NDList(accumulators.values()))) {
            return Math.sqrt(squared.getFloat());
        }
    }
}
