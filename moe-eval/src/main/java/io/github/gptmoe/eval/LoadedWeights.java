package io.github.gptmoe.eval;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ArrayLoader;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.safetensors.TensorFiles;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The weights of a model that only computes: one array a parameter, in the precision of the computation, no masters. The
 * map is filled once, so any number of threads may read it.
 */
final class LoadedWeights extends ParameterStore {
    private final Map<String, NDArray> arrays = new HashMap<>();

    /** Reads every parameter; arrays are attached to {@code owner}. A conversion takes a few MiB beside them. */
    LoadedWeights(NDManager owner, GptModel model, TensorFiles files, Precision precision) throws IOException {
        super(owner, false);
        ArrayLoader loader = new ArrayLoader();
        for (ModelParameter parameter : model.parameters()) {
            Precision own = parameter.computeInFp32() ? Precision.FP32 : precision;
            NDArray array = own.empty(owner, parameter.shape());
            loader.add(files, parameter.name(), array);
            arrays.put(parameter.name(), array);
        }
        loader.load();
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
        NDArray array = arrays.get(parameter.getName());
        if (array == null) {
            throw new IllegalArgumentException("no weight named " + parameter.getName());
        }
        return array;
    }
}
