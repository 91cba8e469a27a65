package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.core.kernel.KernelModule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelParametersTest {
    private static final int D = 6;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    private static ModelConfig config(int layers, List<Integer> experts, int interval, boolean residual) {
        return new ModelConfig(
                layers, D, 2, 9, 31, experts, interval, residual, null, null, null, null, null, null, null);
    }

    private static Map<String, List<Long>> parameters(ModelConfig config) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (ModelParameter parameter : new GptModel(config).parameters()) {
            List<Long> shape = new ArrayList<>();
            for (long size : parameter.shape().getShape()) {
                shape.add(size);
            }
            assertThat(shapes.put(parameter.name(), shape)).as(parameter.name()).isNull();
        }
        return shapes;
    }

    /** Written from the checkpoint format, not from the model. */
    private static final class Expected {
        private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

        Expected() {
            put("token_embedding.weight", 31, D);
            put("position_embedding.weight", 9, D);
            pair("final_norm", D);
        }

        void put(String name, long... shape) {
            List<Long> list = new ArrayList<>();
            for (long size : shape) {
                list.add(size);
            }
            shapes.put(name, list);
        }

        void pair(String prefix, long... weightShape) {
            put(prefix + ".weight", weightShape);
            put(prefix + ".bias", weightShape[0]);
        }

        void attention(int block) {
            pair("blocks." + block + ".attention_norm", D);
            pair("blocks." + block + ".attention.qkv", 3 * D, D);
            pair("blocks." + block + ".attention.output", D, D);
            pair("blocks." + block + ".ffn_norm", D);
        }

        void ffn(String prefix) {
            pair(prefix + ".up", 4 * D, D);
            pair(prefix + ".down", D, 4 * D);
        }

        void moe(int block, int experts) {
            attention(block);
            put("blocks." + block + ".moe.router.weight", experts, D);
            for (int e = 0; e < experts; e++) {
                ffn("blocks." + block + ".moe.experts." + e);
            }
        }

        void dense(int block) {
            attention(block);
            ffn("blocks." + block + ".ffn");
        }

        void residual(int block) {
            ffn("blocks." + block + ".moe.residual");
            pair("blocks." + block + ".moe.residual_gate", 2, D);
        }
    }

    @Test
    void aDenseModelHasTheParametersOfTheFormat() {
        Expected expected = new Expected();
        expected.dense(0);
        expected.dense(1);
        expected.dense(2);
        assertThat(parameters(config(3, List.of(), 2, false))).containsExactlyInAnyOrderEntriesOf(expected.shapes);
    }

    @Test
    void aPyramidHasTheParametersOfTheFormat() {
        Expected expected = new Expected();
        expected.dense(0);
        expected.moe(1, 2);
        expected.dense(2);
        expected.moe(3, 5);
        expected.dense(4);
        assertThat(parameters(config(5, List.of(2, 5), 2, false))).containsExactlyInAnyOrderEntriesOf(expected.shapes);
    }

    @Test
    void aResidualModelHasTheParametersOfTheFormat() {
        Expected expected = new Expected();
        for (int block = 0; block < 2; block++) {
            expected.moe(block, 3);
            expected.residual(block);
        }
        assertThat(parameters(config(2, List.of(3), 1, true))).containsExactlyInAnyOrderEntriesOf(expected.shapes);
    }

    @Test
    void theBuiltModelHasAsManyParametersAsThePlanCounts() {
        List<ModelConfig> configs = new ArrayList<>();
        for (boolean residual : new boolean[] {false, true}) {
            configs.add(config(1, List.of(), 2, residual));
            configs.add(config(3, List.of(0), 1, residual));
            configs.add(config(2, List.of(2), 2, residual));
            configs.add(config(4, List.of(2, 7), 2, residual));
            configs.add(config(6, List.of(4), 3, residual));
            configs.add(config(7, List.of(2, 3, 4), 2, residual));
            configs.add(config(3, List.of(5), 1, residual));
        }
        for (ModelConfig config : configs) {
            assertThat(new GptModel(config).parameterCount())
                    .as(config.toString())
                    .isEqualTo(ParameterCount.of(config).total());
        }
    }

    @Test
    void anImpossibleConfigurationIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GptModel(config(4, List.of(2, 3, 4), 2, false)))
                .withMessageContaining("experts");
    }

    @Test
    void noTwoExpertsStartEqualOrAlike() {
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = new GptModel(config(2, List.of(8), 1, true));
            model.initialize(owner, 3);
            Map<String, double[]> values = Models.values(model);
            List<String> names = values.keySet().stream()
                    .filter(name -> name.contains(".moe.") && name.endsWith("up.weight"))
                    .toList();
            assertThat(names).hasSize(18);
            for (int i = 0; i < names.size(); i++) {
                for (int k = 0; k < i; k++) {
                    // 144 independent pairs: a correlation beyond 0.4 is 5 standard deviations.
                    assertThat(Math.abs(correlation(values.get(names.get(i)), values.get(names.get(k)))))
                            .as("%s and %s", names.get(i), names.get(k))
                            .isLessThan(0.4);
                }
            }
        }
    }

    private static double correlation(double[] a, double[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 8})
    void outputProjectionsStartSmallerByTheRootOfTwiceTheDepth(int layers) {
        ModelConfig config =
                new ModelConfig(layers, 48, 2, 9, 300, List.of(2), 2, true, null, null, null, null, null, null, 0.02);
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = new GptModel(config);
            model.initialize(owner, 4);
            for (ModelParameter parameter : model.parameters()) {
                String name = parameter.name();
                double[] values = Models.values(model).get(name);
                if (name.endsWith("norm.weight")) {
                    assertThat(values).as(name).containsOnly(1);
                } else if (name.endsWith(".bias")) {
                    assertThat(values).as(name).containsOnly(0);
                } else if (values.length >= 400) {
                    boolean output = name.endsWith("attention.output.weight") || name.endsWith("down.weight");
                    double std = output ? 0.02 / Math.sqrt(2.0 * layers) : 0.02;
                    // 5 standard deviations of the sample's own.
                    assertThat(deviation(values))
                            .as(name)
                            .isCloseTo(std, within(5 * std / Math.sqrt(2.0 * values.length)));
                }
            }
        }
    }

    private static double deviation(double[] values) {
        double squares = 0;
        for (double value : values) {
            squares += value * value;
        }
        return Math.sqrt(squares / values.length);
    }

    @Test
    void startValuesDependOnSeedAndNameOnly() {
        try (NDManager owner = NDManager.newBaseManager()) {
            Map<String, double[]> shallow = initialized(owner, config(2, List.of(2), 2, false), 9);
            Map<String, double[]> deep = initialized(owner, config(8, List.of(3, 2, 2, 2), 2, true), 9);
            Map<String, double[]> other = initialized(owner, config(2, List.of(2), 2, false), 10);
            assertThat(deep.keySet()).containsAll(shallow.keySet());
            shallow.forEach((name, values) -> {
                if (name.endsWith("router.weight")) {
                    return;
                }
                boolean output = name.endsWith("attention.output.weight") || name.endsWith("down.weight");
                double factor = output ? 2 : 1;
                for (int i = 0; i < values.length; i++) {
                    assertThat(deep.get(name)[i] * factor).as(name).isCloseTo(values[i], within(1e-8));
                }
                if (!name.endsWith("bias") && !name.endsWith("norm.weight")) {
                    assertThat(Math.abs(correlation(values, other.get(name))))
                            .as(name)
                            .isLessThan(0.9);
                }
            });
            assertThat(initialized(owner, config(2, List.of(2), 2, false), 9))
                    .allSatisfy((name, values) -> assertThat(values).isEqualTo(shallow.get(name)));
        }
    }

    private static Map<String, double[]> initialized(NDManager owner, ModelConfig config, long seed) {
        GptModel model = new GptModel(config);
        model.initialize(owner, seed);
        return Models.values(model);
    }

    @Test
    void decayAndPrecisionFollowTheKindOfParameter() {
        for (ModelParameter parameter : new GptModel(config(2, List.of(3), 2, true)).parameters()) {
            boolean exempt =
                    parameter.shape().dimension() == 1 || parameter.name().equals("position_embedding.weight");
            assertThat(parameter.decay()).as(parameter.name()).isEqualTo(!exempt);
            assertThat(parameter.computeInFp32())
                    .as(parameter.name())
                    .isEqualTo(parameter.name().endsWith("router.weight")
                            || parameter.name().contains("norm."));
        }
    }
}
