package io.github.gptmoe.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.OptimizerKernels;
import io.github.gptmoe.core.kernel.OptimizerKernels.AdamW;
import io.github.gptmoe.core.kernel.OptimizerKernels.AdamWArrays;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.model.WeightStore;
import io.github.gptmoe.train.config.OptimizerConfig;
import io.github.gptmoe.train.pipeline.Gradients;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * AdamW over the model's parameters, grouped by what differs in an update: weight decay (none on biases, norms and
 * positions) and whether a low-precision copy is refreshed. Moments are FP32 and belong to the manager given.
 */
public final class AdamWOptimizer {
    private record Group(double weightDecay, AdamWArrays arrays) {}

    private final OptimizerConfig config;
    private final Map<String, NDArray> state = new LinkedHashMap<>();
    private final List<Group> groups = new ArrayList<>();
    private long updates;

    /**
     * Allocates zeroed moments.
     *
     * @param owner manager of the moments
     * @param model an initialised model; its FP32 arrays are updated
     * @param weights low-precision copies to refresh
     * @param gradients accumulators that updates read
     * @param config hyperparameters
     */
    public AdamWOptimizer(
            NDManager owner, GptModel model, WeightStore weights, Gradients gradients, OptimizerConfig config) {
        this.config = config;
        Map<List<Boolean>, List<ModelParameter>> byKind = new LinkedHashMap<>();
        for (ModelParameter parameter : model.parameters()) {
            byKind.computeIfAbsent(List.of(parameter.decay(), parameter.computeInFp32()), kind -> new ArrayList<>())
                    .add(parameter);
            state.put(firstMoment(parameter), Precision.FP32.zeros(owner, parameter.shape()));
            state.put(secondMoment(parameter), Precision.FP32.zeros(owner, parameter.shape()));
        }
        byKind.values().forEach(parameters -> groups.add(group(parameters, weights, gradients)));
    }

    private Group group(List<ModelParameter> parameters, WeightStore weights, Gradients gradients) {
        NDList masters = new NDList();
        NDList firstMoments = new NDList();
        NDList secondMoments = new NDList();
        for (ModelParameter parameter : parameters) {
            masters.add(parameter.parameter().getArray());
            firstMoments.add(state.get(firstMoment(parameter)));
            secondMoments.add(state.get(secondMoment(parameter)));
        }
        double decay = parameters.get(0).decay() ? config.weightDecay() : 0;
        return new Group(
                decay,
                new AdamWArrays(
                        masters,
                        weights.copiesOf(parameters),
                        gradients.arrays(parameters),
                        firstMoments,
                        secondMoments));
    }

    private static String firstMoment(ModelParameter parameter) {
        return "optimizer.first_moment." + parameter.name();
    }

    private static String secondMoment(ModelParameter parameter) {
        return "optimizer.second_moment." + parameter.name();
    }

    /**
     * Updates every parameter from the accumulated gradients.
     *
     * @param learningRate step size
     * @param clip factor on every gradient, at most 1
     */
    public void update(double learningRate, double clip) {
        updates++;
        for (Group group : groups) {
            OptimizerKernels.adamW(
                    group.arrays,
                    new AdamW(
                            updates,
                            learningRate,
                            config.beta1(),
                            config.beta2(),
                            config.epsilon(),
                            group.weightDecay,
                            clip));
        }
    }

    /**
     * The moments by their names in a checkpoint.
     *
     * @return unmodifiable view; the arrays are this optimizer's own
     */
    public Map<String, NDArray> state() {
        return Collections.unmodifiableMap(state);
    }

    /**
     * Updates so far; skipped steps do not count.
     *
     * @return the t of the bias corrections
     */
    public long updates() {
        return updates;
    }

    /**
     * Continues from a checkpoint whose moments have been loaded into {@link #state}.
     *
     * @param updatesSoFar value of {@link #updates} when the checkpoint was written
     */
    public void resume(long updatesSoFar) {
        updates = updatesSoFar;
    }
}
