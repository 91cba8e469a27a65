package io.github.gptmoe.core.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The arrays that stages compute with. In FP32 they are the masters themselves; in BF16 and FP16 each parameter has a copy of that type,
 * except those that must stay FP32, and an optimizer refreshes the copies in the pass that updates the masters.
 */
public final class WeightStore extends ParameterStore {
    private final Precision precision;
    private final Map<String, NDArray> computed = new LinkedHashMap<>();
    private final Map<String, NDArray> copies = new LinkedHashMap<>();

    /**
     * Makes the arrays for a model.
     *
     * @param owner manager of the copies
     * @param model an initialised model
     * @param precision precision of the copies
     */
    public WeightStore(NDManager owner, GptModel model, Precision precision) {
        super(owner, false);
        this.precision = precision;
        for (ModelParameter parameter : model.parameters()) {
            NDArray master = parameter.parameter().getArray();
            boolean copied = precision != Precision.FP32 && !parameter.computeInFp32();
            NDArray array = copied ? precision.cast(owner, master) : master;
            computed.put(parameter.name(), array);
            if (copied) {
                copies.put(parameter.name(), array);
            }
        }
    }

    /**
     * The precision of activations.
     *
     * @return FP32, BF16 or FP16
     */
    public Precision precision() {
        return precision;
    }

    @Override
    public NDArray getValue(Parameter parameter, Device device, boolean training) {
        NDArray array = computed.get(parameter.getName());
        if (array == null) {
            throw new IllegalArgumentException("no weight named " + parameter.getName());
        }
        return array;
    }

    /**
     * The low-precision copies of some parameters.
     *
     * @param parameters parameters that all have a copy, or that all have none
     * @return their copies in order, or an empty list when they compute with their masters
     */
    public NDList copiesOf(List<ModelParameter> parameters) {
        NDList list = new NDList();
        for (ModelParameter parameter : parameters) {
            NDArray copy = copies.get(parameter.name());
            if (copy != null) {
                list.add(copy);
            }
        }
        if (!list.isEmpty() && list.size() != parameters.size()) {
            throw new IllegalArgumentException("parameters with and without copies in one list");
        }
        return list;
    }

    /**
     * Copies every master into its low-precision array, after weights were loaded.
     *
     * @param model the model of this store
     */
    public void refresh(GptModel model) {
        for (ModelParameter parameter : model.parameters()) {
            NDArray copy = copies.get(parameter.name());
            if (copy != null) {
                Precision.copy(copy, parameter.parameter().getArray());
            }
        }
    }
}
