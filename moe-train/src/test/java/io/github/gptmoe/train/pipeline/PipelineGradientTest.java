package io.github.gptmoe.train.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.DecoderStage;
import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.core.model.ModelParameter;
import io.github.gptmoe.core.model.StageContext;
import io.github.gptmoe.data.TokenBatch;
import io.github.gptmoe.router.LargeMarginConfig;
import io.github.gptmoe.train.TinyModels;
import io.github.gptmoe.train.collective.SingleProcess;
import io.github.gptmoe.train.optim.ParameterShard;
import io.github.gptmoe.train.sharding.Layout;
import io.github.gptmoe.train.sharding.RankGroups;
import io.github.gptmoe.train.sharding.RankState;
import java.util.List;
import java.util.function.Predicate;
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
        RankState state = state(model, Precision.FP32);
        Pipeline pipeline = pipeline(model, state);
        state.gradients().begin(1);
        loss(pipeline);
        state.gradients().begin(1);
        loss(pipeline);
        List<float[]> analytic = model.parameters().stream()
                .map(parameter -> gradient(state, parameter).toFloatArray())
                .toList();
        for (int p = 0; p < model.parameters().size(); p++) {
            ModelParameter parameter = model.parameters().get(p);
            if (parameter.name().contains("router") && config.router() instanceof LargeMarginConfig) {
                continue; // the margin's denominator has no gradient by design, so the loss's slope is another number
            }
            float[] expected = analytic.get(p);
            int stride = Math.max(1, expected.length / 3);
            for (int i = 0; i < expected.length; i += stride) {
                assertThat(slope(pipeline, state, parameter, i))
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
        RankState state = state(model, Precision.FP32);
        Pipeline pipeline = pipeline(model, state);
        for (ParameterShard shard : state.shards()) {
            shard.gradient().addi(Float.NaN);
        }
        state.gradients().begin(2);
        loss(pipeline);
        double once = state.normSquared(manager);
        loss(pipeline);
        assertThat(once).isFinite().isPositive();
        assertThat(state.normSquared(manager)).isCloseTo(4 * once, within(1e-5 * once));
    }

    private RankState state(GptModel model, Precision precision) {
        RankState state = new RankState(
                manager,
                model,
                Layout.of(model, 0, 1),
                RankGroups.dataParallel(new SingleProcess()),
                precision,
                precision,
                true,
                true,
                null);
        state.initialize(11);
        return state;
    }

    private static Pipeline pipeline(GptModel model, RankState state) {
        return new Pipeline(model, state.weights(), state::enter, state.gradients(), block -> false, 3);
    }

    private static NDArray gradient(RankState state, ModelParameter parameter) {
        return shard(state, parameter).gradient();
    }

    private static NDArray weight(RankState state, ModelParameter parameter) {
        return shard(state, parameter).weights();
    }

    private static ParameterShard shard(RankState state, ModelParameter parameter) {
        return state.shards().stream()
                .filter(shard -> shard.parameter() == parameter)
                .findFirst()
                .orElseThrow();
    }

    /** Router losses included; the losses that are reported stay as they are. */
    @ParameterizedTest
    @MethodSource("models")
    void aLossScaleMultipliesEveryGradient(ModelConfig config) {
        GptModel model = new GptModel(config);
        RankState state = state(model, Precision.FP32);
        Pipeline pipeline = pipeline(model, state);
        state.gradients().begin(1);
        double loss = loss(pipeline);
        List<float[]> plain = values(state, model);
        state.gradients().begin(1);
        try (NDManager scope = manager.newSubManager()) {
            StageContext context = new StageContext(scope, Precision.FP32, true, 5, 1, null);
            MicroBatchResult result = pipeline.forwardBackward(MicroBatch.of(scope, TOKENS, 10), context, 1, 1024);
            assertThat(result.weightedLoss() + result.auxiliaryLoss()).isEqualTo(loss);
        }
        List<float[]> scaled = values(state, model);
        for (int p = 0; p < plain.size(); p++) {
            String name = model.parameters().get(p).name();
            for (int i = 0; i < plain.get(p).length; i++) {
                float expected = 1024 * plain.get(p)[i];
                assertThat(scaled.get(p)[i]).as(name).isCloseTo(expected, within(1e-5f * Math.abs(expected) + 1e-6f));
            }
        }
    }

    private List<float[]> values(RankState state, GptModel model) {
        return model.parameters().stream()
                .map(parameter -> {
                    try (NDManager scope = manager.newSubManager()) {
                        return Precision.FP32
                                .cast(scope, gradient(state, parameter))
                                .toFloatArray();
                    }
                })
                .toList();
    }

    /** Noise of routers included: it is drawn again from the same seed. */
    @ParameterizedTest
    @MethodSource("models")
    void recomputedBlocksHaveTheSameGradientsBitForBit(ModelConfig config) {
        for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
            GptModel model = new GptModel(config);
            RankState state = state(model, precision);
            List<float[]> kept = gradients(model, state, block -> false);
            assertThat(kept).anySatisfy(values -> assertThat(values).doesNotContain(0));
            assertThat(gradients(model, state, block -> true))
                    .as("all, %s", precision)
                    .usingRecursiveComparison()
                    .isEqualTo(kept);
            assertThat(gradients(model, state, block -> model.blocks().indexOf(block) % 2 == 0))
                    .as("every second, %s", precision)
                    .usingRecursiveComparison()
                    .isEqualTo(kept);
        }
    }

    private List<float[]> gradients(GptModel model, RankState state, Predicate<DecoderStage> recomputed) {
        Pipeline pipeline = new Pipeline(model, state.weights(), state::enter, state.gradients(), recomputed, 3);
        state.gradients().begin(1);
        run(pipeline, state.weights().precision());
        return values(state, model);
    }

    private double slope(Pipeline pipeline, RankState state, ModelParameter parameter, int index) {
        NDArray array = weight(state, parameter);
        float[] values = array.toFloatArray();
        float saved = values[index];
        float delta = 5e-3f;
        set(array, values, index, saved + delta);
        double up = loss(pipeline);
        set(array, values, index, saved - delta);
        double down = loss(pipeline);
        set(array, values, index, saved);
        return (up - down) / (2 * delta);
    }

    /** DJL's own {@code set} puts other memory behind an array, which then is no view any more. */
    private void set(NDArray array, float[] values, int index, float value) {
        values[index] = value;
        try (NDArray changed = manager.create(values, array.getShape())) {
            Precision.copy(array, changed);
        }
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
        RankState state = state(model, Precision.BF16);
        Pipeline pipeline = new Pipeline(
                model,
                state.weights(),
                state::enter,
                state.gradients(),
                block -> block.name().endsWith("1"),
                3);
        state.gradients().begin(1);
        run(pipeline, Precision.BF16);
        int before = manager.getManagedArrays().size();
        for (int i = 0; i < 20; i++) {
            run(pipeline, Precision.BF16);
            state.normSquared(manager);
            state.gradients().begin(1);
        }
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    private void run(Pipeline pipeline, Precision precision) {
        try (NDManager scope = manager.newSubManager()) {
            StageContext context = new StageContext(scope, precision, true, 5, 1, null);
            pipeline.forwardBackward(MicroBatch.of(scope, TOKENS, 10), context, 1);
        }
    }
}
