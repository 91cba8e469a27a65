package io.github.gptmoe.train.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.core.model.WeightStore;
import io.github.gptmoe.data.TokenBatch;
import io.github.gptmoe.router.LargeMarginConfig;
import io.github.gptmoe.train.TinyModels;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradient of the whole loss, router losses included, against central differences of the loss itself. */
class PipelineGradientTest {
    private static final TokenBatch TOKENS = new TokenBatch(
            0, 2, 5, new long[] {3, 1, 4, 1, 5, 9, 2, 6, 5, 3}, new long[] {1, 4, 1, 5, 9, 2, 6, 5, 3, 5});
    private NDManager manager;

    @BeforeEach
    void open() {
        KernelModule.enter();
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    static List<ModelConfig> models() {
        return List.of(TinyModels.dense(), TinyModels.top1(), TinyModels.residualLargeMargin());
    }

    @ParameterizedTest
    @MethodSource("models")
    void gradientsAreTheSlopesOfTheLoss(ModelConfig config) {
        GptModel model = new GptModel(config);
        model.initialize(manager, 11);
        WeightStore weights = new WeightStore(manager, model, Precision.FP32);
        Gradients gradients = new Gradients(manager, model, Precision.FP32);
        Pipeline pipeline = new Pipeline(model, weights, gradients, block -> false, 3);
        loss(pipeline);
        gradients.begin();
        loss(pipeline);
        List<float[]> analytic = model.parameters().stream()
                .map(parameter -> gradients.arrays(List.of(parameter)).head().toFloatArray())
                .toList();
        for (int p = 0; p < model.parameters().size(); p++) {
            ModelParameter parameter = model.parameters().get(p);
            if (parameter.name().contains("router") && config.router() instanceof LargeMarginConfig) {
                continue; // the margin's denominator has no gradient by design, so the loss's slope is another number
            }
            float[] expected = analytic.get(p);
            int stride = Math.max(1, expected.length / 3);
            for (int i = 0; i < expected.length; i += stride) {
                assertThat(slope(pipeline, parameter, i))
                        .as(parameter.name() + "[" + i + "]")
                        .isCloseTo(expected[i], within(2e-3 + 0.02 * Math.abs(expected[i])));
            }
        }
    }

    /** The first micro-batch of a step must leave nothing of what the accumulators held, the next must add. */
    @ParameterizedTest
    @MethodSource("models")
    void theFirstMicroBatchOverwritesAndTheNextAdds(ModelConfig config) {
        GptModel model = new GptModel(config);
        model.initialize(manager, 11);
        Gradients gradients = new Gradients(manager, model, Precision.FP32);
        WeightStore weights = new WeightStore(manager, model, Precision.FP32);
        Pipeline pipeline = new Pipeline(model, weights, gradients, block -> false, 3);
        for (NDArray array : gradients.arrays(model.parameters())) {
            array.addi(Float.NaN);
        }
        gradients.begin();
        loss(pipeline);
        double once = gradients.norm(manager);
        loss(pipeline);
        assertThat(once).isFinite().isPositive();
        assertThat(gradients.norm(manager)).isCloseTo(2 * once, within(1e-5 * once));
    }

    /** Router losses included; the losses that are reported stay as they are. */
    @ParameterizedTest
    @MethodSource("models")
    void aLossScaleMultipliesEveryGradient(ModelConfig config) {
        GptModel model = new GptModel(config);
        model.initialize(manager, 11);
        Gradients gradients = new Gradients(manager, model, Precision.FP32);
        WeightStore weights = new WeightStore(manager, model, Precision.FP32);
        Pipeline pipeline = new Pipeline(model, weights, gradients, block -> false, 3);
        double loss = loss(pipeline);
        List<float[]> plain = values(gradients, model);
        gradients.begin();
        try (NDManager scope = manager.newSubManager()) {
            StageContext context = new StageContext(scope, Precision.FP32, true, 5, 1, null);
            MicroBatchResult result = pipeline.forwardBackward(MicroBatch.of(scope, TOKENS, 10), context, 1, 1024);
            assertThat(result.weightedLoss() + result.auxiliaryLoss()).isEqualTo(loss);
        }
        List<float[]> scaled = values(gradients, model);
        for (int p = 0; p < plain.size(); p++) {
            String name = model.parameters().get(p).name();
            for (int i = 0; i < plain.get(p).length; i++) {
                float expected = 1024 * plain.get(p)[i];
                assertThat(scaled.get(p)[i]).as(name).isCloseTo(expected, within(1e-5f * Math.abs(expected) + 1e-6f));
            }
        }
    }

    private static List<float[]> values(Gradients gradients, GptModel model) {
        return model.parameters().stream()
                .map(parameter -> gradients.arrays(List.of(parameter)).head().toFloatArray())
                .toList();
    }

    private double slope(Pipeline pipeline, ModelParameter parameter, int index) {
        NDArray array = parameter.parameter().getArray();
        float[] values = array.toFloatArray();
        float saved = values[index];
        float delta = 5e-3f;
        values[index] = saved + delta;
        array.set(values);
        double up = loss(pipeline);
        values[index] = saved - delta;
        array.set(values);
        double down = loss(pipeline);
        values[index] = saved;
        array.set(values);
        return (up - down) / (2 * delta);
    }

    private double loss(Pipeline pipeline) {
        try (NDManager scope = manager.newSubManager()) {
            StageContext context = new StageContext(scope, Precision.FP32, true, 5, 1, null);
            MicroBatchResult result = pipeline.forwardBackward(MicroBatch.of(scope, TOKENS, 10), context, 1);
            return result.weightedLoss() + result.auxiliaryLoss();
        }
    }

    @Test
    void stepsLeaveNoArraysBehind() {
        GptModel model = new GptModel(TinyModels.residualLargeMargin());
        model.initialize(manager, 11);
        Gradients gradients = new Gradients(manager, model, Precision.BF16);
        Pipeline pipeline = new Pipeline(
                model,
                new WeightStore(manager, model, Precision.BF16),
                gradients,
                block -> block.name().endsWith("1"),
                3);
        run(pipeline);
        int before = manager.getManagedArrays().size();
        for (int i = 0; i < 20; i++) {
            run(pipeline);
            gradients.norm(manager);
            gradients.begin();
        }
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    private void run(Pipeline pipeline) {
        try (NDManager scope = manager.newSubManager()) {
            StageContext context = new StageContext(scope, Precision.BF16, true, 5, 1, null);
            pipeline.forwardBackward(MicroBatch.of(scope, TOKENS, 10), context, 1);
        }
    }
}
