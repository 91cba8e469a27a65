package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.Accumulators;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** FP32 accumulators that start at zero and are added to. */
final class ZeroedStore implements GradientStore {
    private final NDManager owner;
    private final Map<String, NDArray> sums = new HashMap<>();

    ZeroedStore(NDManager owner) {
        this.owner = owner;
    }

    @Override
    public Accumulators of(List<ModelParameter> parameters) {
        return new Accumulators(arrays(parameters), true);
    }

    NDList arrays(List<ModelParameter> parameters) {
        NDList list = new NDList();
        parameters.forEach(
                parameter -> list.add(sums.computeIfAbsent(parameter.name(), name -> owner.zeros(parameter.shape()))));
        return list;
    }
}
