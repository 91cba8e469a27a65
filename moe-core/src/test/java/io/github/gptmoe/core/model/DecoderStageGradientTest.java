package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.naive.FiniteDifferences;
import io.github.gptmoe.core.naive.Samples;
import io.github.gptmoe.router.Routing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The gradients that a trainer takes from one block, with respect to its input and every parameter, against central
 * differences of the float64 block. The router learns on two ways, through the gate and through the auxiliary loss.
 */
class DecoderStageGradientTest {
    private static final int LENGTH = 5;
    private static final int D = 6;
    private static final int TOKENS = 2 * LENGTH;
    /** Gradient of the auxiliary loss; not 1, to see that it is used. */
    private static final double AUXILIARY = 3;

    private static final boolean @Nullable [] ALL_REAL = null;
    private static final boolean[] PADDED = {true, true, true, true, true, true, true, false, false, false};

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                Arguments.of("dense", config(false, 0), 0, ALL_REAL),
                Arguments.of("experts", config(false, 0), 1, ALL_REAL),
                Arguments.of("residual experts", config(true, 0), 1, ALL_REAL),
                Arguments.of("residual experts, padding", config(true, 0), 1, PADDED),
                Arguments.of("experts, drops and padding", config(false, 0.6), 1, PADDED));
    }

    private static ModelConfig config(boolean residual, double capacity) {
        return Models.config(2, D, List.of(4), residual, capacity);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void gradientsMatchFiniteDifferences(String name, ModelConfig config, int index, boolean @Nullable [] valid) {
        double[] x = Samples.normal(1, TOKENS * D, 1);
        double[] seed = Samples.normal(2, TOKENS * D, 1);
        try (NDManager scope = NDManager.newBaseManager()) {
            GptModel model = Models.random(scope, config, 11);
            Map<String, double[]> values = Models.values(model);
            NaiveModel naive = new NaiveModel(config, values, 0.5, 0.1);
            DecoderStage stage = model.blocks().get(index);

            List<double[]> gradients =
                    gradients(scope, model, stage, x, seed, valid, naive.block(index, x, LENGTH, valid));

            List<double[]> at = new ArrayList<>(List.of(x));
            stage.modelParameters().forEach(parameter -> at.add(values.get(parameter.name())));
            for (int i = 0; i < at.size(); i++) {
                double[] expected = FiniteDifferences.gradient(at.get(i), () -> {
                    NaiveModel.Output output = naive.block(index, x, LENGTH, valid);
                    return FiniteDifferences.dot(seed, output.hidden()) + AUXILIARY * output.auxiliaryLoss();
                });
                String what = i == 0 ? "x" : stage.modelParameters().get(i - 1).name();
                // FP32 through a whole block: a few hundred roundings of 6e-8.
                assertThat(gradients.get(i))
                        .as(what)
                        .containsExactly(expected, within(3e-5 * Math.max(1, Samples.largest(expected))));
            }
        }
    }

    private static List<double[]> gradients(
            NDManager scope,
            GptModel model,
            DecoderStage stage,
            double[] x,
            double[] seed,
            boolean @Nullable [] valid,
            NaiveModel.Output expected) {
        WeightStore weights = new WeightStore(scope, model, Precision.FP32);
        NDArray xBLD = scope.create(Samples.floats(x), new Shape(2, LENGTH, D));
        StageContext context =
                new StageContext(scope, Precision.FP32, true, 1, 7, valid == null ? null : mask(scope, valid));
        Recorded recorded = stage.record(weights, xBLD, context);
        StageOutput output = recorded.output();
        assertThat(output.hiddenBLD())
                .as("recorded and plain run")
                .isEqualTo(stage.run(weights, xBLD, context).hiddenBLD());
        Routing routing = output.routing();
        if (routing != null) {
            NDArray kept = output.keptIdsT() == null ? routing.expertIdsT() : output.keptIdsT();
            assertThat(kept.toLongArray()).as("kept ids").isEqualTo(expected.keptIds());
        }
        ZeroedStore store = new ZeroedStore(scope);
        NDArray gradBLD = scope.create(Samples.floats(seed), new Shape(2, LENGTH, D));
        NDArray gradient = recorded.backward(gradBLD, new BackwardContext(scope, AUXILIARY, store));
        List<double[]> all = new ArrayList<>();
        all.add(Samples.doubles(gradient.toFloatArray()));
        store.arrays(stage.modelParameters()).forEach(array -> all.add(Samples.doubles(array.toFloatArray())));
        return all;
    }

    private static NDArray mask(NDManager scope, boolean[] valid) {
        float[] values = new float[valid.length];
        for (int t = 0; t < valid.length; t++) {
            values[t] = valid[t] ? 1 : 0;
        }
        return scope.create(values);
    }
}
