package io.github.gptmoe.core.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.Precision;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The arrays that stages compute with. In FP32 they are the masters themselves; in BF16 and FP16 each parameter has an array of
 * that type, except those that must stay FP32.
 */
public final class WeightStore extends ParameterStore {
    private final Precision precision;
    private final Map<String, NDArray> computed = new LinkedHashMap<>();
    private final Consumer<String> beforeUse;

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
        beforeUse = name -> {};
        for (ModelParameter parameter : model.parameters()) {
            NDArray master = parameter.parameter().getArray();
            boolean copied = precision != Precision.FP32 && !parameter.computeInFp32();
            computed.put(parameter.name(), copied ? precision.cast(owner, master) : master);
        }
    }

    /**
     * Takes arrays that someone else has made, and keeps up to date.
     *
     * @param owner manager of none of them
     * @param precision precision of activations
     * @param arrays array of each parameter by its full name; copied, the arrays are not
     * @param beforeUse told the name of each parameter whose array is about to be read
     */
    public WeightStore(NDManager owner, Precision precision, Map<String, NDArray> arrays, Consumer<String> beforeUse) {
        super(owner, false);
        this.precision = precision;
        this.beforeUse = beforeUse;
        computed.putAll(arrays);
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
        beforeUse.accept(parameter.getName());
        return array;
    }
}
