package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.naive.NaiveLayers;
import io.github.gptmoe.core.naive.Samples;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModelParityTest {
    private static final int LENGTH = 6;
    private static final long[] IDS = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};
    private static final long[] NEXT = {1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9};

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    static Stream<ModelConfig> configs() {
        return Stream.of(
                Models.config(2, 16, List.of(), false, 0),
                Models.config(2, 16, List.of(3), false, 0),
                Models.config(2, 16, List.of(3), true, 0),
                Models.config(4, 16, List.of(2, 4), true, 0.75));
    }

    @ParameterizedTest
    @MethodSource("configs")
    void logitsAndLossesMatchTheFloat64Model(ModelConfig config) {
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, config, 5);
            WeightStore weights = new WeightStore(owner, model, Precision.FP32);
            StageContext context = StageContext.evaluation(owner, Precision.FP32);
            NDArray idsBL = owner.create(IDS, new Shape(2, LENGTH));
            NDArray hiddenBLD = model.hidden(weights, idsBL, context, (block, output) -> {});
            NDArray logitsBLV = model.head().run(weights, hiddenBLD, context).hiddenBLD();
            NDArray lossesT =
                    model.head().tokenLosses(weights, hiddenBLD, owner.create(NEXT, new Shape(2, LENGTH)), context, 5);

            double[] expected = new NaiveModel(config, Models.values(model), 0, 0).logits(IDS, LENGTH);
            // The logits spread over several units, or agreement would mean little.
            assertThat(Samples.largest(expected)).isGreaterThan(1);
            assertClose(logitsBLV, expected);
            assertClose(lossesT, NaiveLayers.tokenLosses(expected, NEXT));
        }
    }

    private static void assertClose(NDArray actual, double[] expected) {
        float[] values = actual.toFloatArray();
        assertThat(values).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(values[i] - expected[i])).isLessThan(1e-5);
        }
    }
}
