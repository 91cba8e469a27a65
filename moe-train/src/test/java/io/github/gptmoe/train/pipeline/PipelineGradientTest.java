package io.github.gptmoe.train.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
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
import java.util.Arrays;
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

    private static final float[] WEIGHTS = {0.5f, 0, 2, 0, 1, 7.25f, 0.125f, 0, 3, 1};

    private static TokenBatch weighed(float[] weights) {
        return new TokenBatch(0, 2, 5, TOKENS.inputs(), TOKENS.targets(), weights);
    }

    private double loss(Pipeline pipeline, TokenBatch batch) {
        try (NDManager scope = manager.newSubManager()) {
            StageContext context = new StageContext(scope, Precision.FP32, true, 5, 1, null);
            return pipeline.forwardBackward(MicroBatch.of(scope, batch, 20), context, 0)
                    .weightedLoss();
        }
    }

    /** 1/T sum_t w_t nll_t, in double, from the loss of each target by itself. */
    private double naiveLoss(GptModel model, RankState state, float[] weights) {
        double sum = 0;
        try (NDManager scope = manager.newSubManager()) {
            StageContext context = StageContext.evaluation(scope, Precision.FP32);
            Shape shape = new Shape(2, 5);
            NDArray hiddenBLD =
                    model.hidden(state.weights(), scope.create(TOKENS.inputs(), shape), context, (block, output) -> {});
            float[] losses = model.head()
                    .tokenLosses(state.weights(), hiddenBLD, scope.create(TOKENS.targets(), shape), context, 3)
                    .toFloatArray();
            for (int t = 0; t < losses.length; t++) {
                sum += (double) weights[t] * losses[t];
            }
        }
        return sum / 20;
    }

    @ParameterizedTest
    @MethodSource("models")
    void aWeighedLossAndItsGradientAreThoseOfANaiveLoop(ModelConfig config) {
        GptModel model = new GptModel(config);
        RankState state = state(model, Precision.FP32);
        Pipeline pipeline = pipeline(model, state);
        state.gradients().begin(1);
        double loss = loss(pipeline, weighed(WEIGHTS));
        assertThat(loss).isCloseTo(naiveLoss(model, state, WEIGHTS), within(1e-6));
        List<float[]> analytic = values(state, model);
        List<double[]> summed =
                analytic.stream().map(values -> new double[values.length]).toList();
        for (int t = 0; t < WEIGHTS.length; t++) {
            float[] single = new float[WEIGHTS.length];
            single[t] = 1;
            state.gradients().begin(1);
            loss(pipeline, weighed(single));
            List<float[]> ofTarget = values(state, model);
            for (int p = 0; p < summed.size(); p++) {
                for (int i = 0; i < summed.get(p).length; i++) {
                    summed.get(p)[i] += (double) WEIGHTS[t] * ofTarget.get(p)[i];
                }
            }
        }
        for (int p = 0; p < summed.size(); p++) {
            String name = model.parameters().get(p).name();
            for (int i = 0; i < summed.get(p).length; i++) {
                double expected = summed.get(p)[i];
                assertThat((double) analytic.get(p)[i])
                        .as("%s[%d]", name, i)
                        .isCloseTo(expected, within(1e-6 + 1e-5 * Math.abs(expected)));
            }
        }
        assertSlopes(model, state, analytic);
    }

    private void assertSlopes(GptModel model, RankState state, List<float[]> analytic) {
        for (int p = 0; p < model.parameters().size(); p++) {
            ModelParameter parameter = model.parameters().get(p);
            if (parameter.name().contains("router")) {
                continue; // a step can turn a choice between experts, which is no part of the slope
            }
            NDArray array = weight(state, parameter);
            float[] values = array.toFloatArray();
            int stride = Math.max(1, values.length / 2);
            for (int i = 0; i < values.length; i += stride) {
                float saved = values[i];
                set(array, values, i, saved + 5e-3f);
                double up = naiveLoss(model, state, WEIGHTS);
                set(array, values, i, saved - 5e-3f);
                double down = naiveLoss(model, state, WEIGHTS);
                set(array, values, i, saved);
                float expected = analytic.get(p)[i];
                assertThat((up - down) / 1e-2)
                        .as("slope of %s[%d]", parameter.name(), i)
                        .isCloseTo(expected, within(2e-3 + 0.02 * Math.abs(expected)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void weightsOfOneGiveTheBitsOfPlainText(ModelConfig config) {
        GptModel model = new GptModel(config);
        RankState state = state(model, Precision.FP32);
        Pipeline pipeline = pipeline(model, state);
        state.gradients().begin(1);
        double plain = loss(pipeline, TOKENS);
        List<float[]> gradients = values(state, model);
        float[] ones = new float[WEIGHTS.length];
        Arrays.fill(ones, 1);
        state.gradients().begin(1);
        assertThat(loss(pipeline, weighed(ones))).isEqualTo(plain);
        assertThat(values(state, model)).usingRecursiveComparison().isEqualTo(gradients);
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
