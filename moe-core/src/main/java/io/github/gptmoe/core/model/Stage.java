package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.gptmoe.core.kernel.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * One stage of the pipeline: a DJL block with named parameters and a pure forward.
 *
 * <p>{@link #run} is the typed entry; the {@code Block.forward} of DJL is served by it too. Weights come from the {@link
 * ParameterStore} that the caller brings, so precision and placement are not the stage's business.
 */
public abstract class Stage extends AbstractBlock {
    private final String name;
    private final List<ModelParameter> modelParameters = new ArrayList<>();

    /**
     * Creates a stage.
     *
     * @param name name in reports, for example {@code blocks.3}
     */
    protected Stage(String name) {
        this.name = name;
    }

    /**
     * Registers a parameter.
     *
     * @param parameter the parameter
     * @return the same
     */
    protected final ModelParameter register(ModelParameter parameter) {
        addParameter(parameter.parameter());
        modelParameters.add(parameter);
        return parameter;
    }

    /**
     * Runs the stage.
     *
     * @param weights where the arrays of the parameters come from
     * @param input token ids for the embedding, else the residual stream (B, L, D)
     * @param context scope, precision and noise of this run
     * @return the new residual stream and the routing, attached to the context's scope
     */
    public abstract StageOutput run(ParameterStore weights, NDArray input, StageContext context);

    /**
     * The stage's name.
     *
     * @return for example {@code blocks.3}
     */
    public final String name() {
        return name;
    }

    /**
     * The stage's own parameters, in the order in which {@link #weights} gives their arrays.
     *
     * @return unmodifiable list
     */
    public final List<ModelParameter> modelParameters() {
        return List.copyOf(modelParameters);
    }

    /**
     * The arrays of all own parameters.
     *
     * @param store where they come from
     * @param scope its device decides the placement
     * @return one array for each of {@link #modelParameters}; owned by the store
     */
    public final NDList weights(ParameterStore store, NDManager scope) {
        return arrays(store, scope, modelParameters);
    }

    static NDList arrays(ParameterStore store, NDManager scope, List<ModelParameter> parameters) {
        NDList arrays = new NDList(parameters.size());
        for (ModelParameter parameter : parameters) {
            arrays.add(store.getValue(parameter.parameter(), scope.getDevice(), true));
        }
        return arrays;
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> parameters) {
        NDArray input = inputs.singletonOrThrow();
        StageContext context = new StageContext(input.getManager(), Precision.FP32, training, 0, 0, null);
        return new NDList(run(store, input, context).hiddenBLD());
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return inputShapes;
    }
}
