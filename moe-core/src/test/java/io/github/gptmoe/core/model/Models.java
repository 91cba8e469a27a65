package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.naive.Samples;
import io.github.gptmoe.router.RouterConfig;
import io.github.gptmoe.router.Top1Config;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small models for tests. */
final class Models {
    /** Losses with weights large enough to show in gradients, and a gate that prefers someone. */
    static final RouterConfig ROUTER = new Top1Config(0.5, 0.1, 0.0, 0.5);

    private Models() {}

    static ModelConfig config(int layers, int hidden, List<Integer> experts, boolean residual, double capacity) {
        return new ModelConfig(
                layers, hidden, 2, 12, 20, experts, 2, residual, ROUTER, capacity, null, null, null, null, 0.2);
    }

    /** The same with room for longer sequences. */
    static ModelConfig withLength(ModelConfig c, int sequenceLength) {
        return new ModelConfig(
                c.layers(),
                c.hidden(),
                c.heads(),
                sequenceLength,
                c.vocabulary(),
                c.experts(),
                c.moeInterval(),
                c.residual(),
                c.router(),
                c.capacityFactor(),
                c.positions(),
                c.norm(),
                c.activation(),
                c.tieEmbeddings(),
                c.initStd());
    }

    /**
     * A model none of whose parameters is 0 or 1 throughout: a bias that is left out, or added twice, shows.
     */
    static GptModel random(NDManager owner, ModelConfig config, long seed) {
        GptModel model = new GptModel(config);
        model.initialize(owner, seed);
        int number = 0;
        for (ModelParameter parameter : model.parameters()) {
            number++;
            if (parameter.shape().dimension() == 1) {
                double mean = parameter.start().mean();
                double[] values = Samples.normal(
                        seed * 1000 + number, (int) parameter.shape().size(), mean, 0.2);
                try (NDArray array = owner.create(Samples.floats(values))) {
                    Precision.copy(parameter.parameter().getArray(), array);
                }
            }
        }
        return model;
    }

    /** The values of every parameter by name. */
    static Map<String, double[]> values(GptModel model) {
        Map<String, double[]> values = new LinkedHashMap<>();
        for (ModelParameter parameter : model.parameters()) {
            values.put(
                    parameter.name(),
                    Samples.doubles(parameter.parameter().getArray().toFloatArray()));
        }
        return values;
    }
}
