package io.github.gptmoe.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.naive.Samples;
import io.github.gptmoe.router.Router;
import io.github.gptmoe.router.RouterWeight;
import io.github.gptmoe.router.Routing;
import io.github.gptmoe.router.RoutingContext;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Prompts of unequal length, read together and continued together, against the whole model in float64. */
class DecodingStepTest {
    private static final int D = 16;
    private static final int V = 20;
    private static final List<int[]> PROMPTS = List.of(new int[] {3, 1, 4, 1, 5}, new int[] {9}, new int[] {2, 6, 5});

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dense", "plain experts", "residual experts"})
    void everyTextGetsTheLogitsOfTheFloat64Model(String kind) {
        List<Integer> experts = kind.equals("dense") ? List.of() : List.of(2, 4);
        ModelConfig config = Models.config(4, D, experts, kind.startsWith("residual"), 0);
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, config, 5);
            NaiveModel naive = new NaiveModel(config, Models.values(model), 0.5, 0.1);
            WeightStore weights = new WeightStore(owner, model, Precision.FP32);
            StageContext context = StageContext.evaluation(owner, Precision.FP32);
            KeyValueCache cache = KeyValueCache.reserved(owner, config, 2, 10, Precision.FP32);
            int[][] texts = PROMPTS.toArray(int[][]::new);
            check(naive, texts, model.prefill(weights, PROMPTS, context, cache));
            for (int[] sources : new int[][] {{0, 1, 2}, {2, 1}, {0, 0, 1, 0}, {3, 2}}) {
                cache.keep(sources);
                long[] ids = new long[sources.length];
                int[][] next = new int[sources.length][];
                for (int i = 0; i < sources.length; i++) {
                    int[] before = texts[sources[i]];
                    ids[i] = (7 * i + before.length) % V;
                    next[i] = Arrays.copyOf(before, before.length + 1);
                    next[i][before.length] = (int) ids[i];
                    assertThat(cache.length(i)).isEqualTo(before.length);
                }
                texts = next;
                DecodeStep step = model.step(weights, ids, context, cache);
                check(naive, texts, step.logitsBV());
                assertThat(step.expertsRead()).hasSize(4);
                for (int block = 0; block < 4; block++) {
                    int most = config.isMoe(block) ? Math.min(config.expertsOf(block), ids.length) : 0;
                    assertThat(step.expertsRead().get(block)).isBetween(Math.min(1, most), most);
                }
            }
        }
    }

    /** Caches are read in pieces of 64 tokens: beyond one, beyond two, and up to the capacity. */
    @Test
    void longTextsGetTheLogitsOfTheFloat64Model() {
        int capacity = 130;
        int[] lengths = {60, 124};
        ModelConfig config = Models.withLength(Models.config(2, D, List.of(4), true, 0), capacity);
        long[] ids = new Random(3).longs(capacity, 0, V).toArray();
        int[] text = Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, config, 5);
            // Blocks are causal: one pass over the longest text holds the logits after every beginning of it.
            double[] expected = new NaiveModel(config, Models.values(model), 0.5, 0.1).logits(ids, capacity);
            WeightStore weights = new WeightStore(owner, model, Precision.FP32);
            StageContext context = StageContext.evaluation(owner, Precision.FP32);
            KeyValueCache cache = KeyValueCache.reserved(owner, config, 2, capacity, Precision.FP32);
            List<int[]> beginnings = Arrays.stream(lengths)
                    .mapToObj(length -> Arrays.copyOf(text, length))
                    .toList();
            checkBeginnings(expected, lengths, model.prefill(weights, beginnings, context, cache));
            while (lengths[0] < 70) {
                if (lengths.length == 2 && lengths[1] == capacity) {
                    cache.keep(0);
                    lengths = new int[] {lengths[0]};
                }
                long[] next = Arrays.stream(lengths).mapToLong(at -> ids[at]).toArray();
                lengths = Arrays.stream(lengths).map(length -> length + 1).toArray();
                checkBeginnings(
                        expected,
                        lengths,
                        model.step(weights, next, context, cache).logitsBV());
            }
            assertThat(cache.sequences()).isEqualTo(1);
        }
    }

    private static void checkBeginnings(double[] expected, int[] lengths, NDArray logitsBV) {
        float[] actual = logitsBV.toFloatArray();
        assertThat(actual).hasSize(lengths.length * V);
        for (int b = 0; b < lengths.length; b++) {
            for (int id = 0; id < V; id++) {
                assertThat((double) actual[b * V + id])
                        .as("text of %d tokens", lengths[b])
                        .isCloseTo(expected[(lengths[b] - 1) * V + id], within(1e-4));
            }
        }
    }

    private static void check(NaiveModel naive, int[][] texts, NDArray logitsBV) {
        float[] actual = logitsBV.toFloatArray();
        assertThat(actual).hasSize(texts.length * V);
        for (int b = 0; b < texts.length; b++) {
            long[] ids = Arrays.stream(texts[b]).asLongStream().toArray();
            double[] all = naive.logits(ids, ids.length);
            for (int id = 0; id < V; id++) {
                assertThat((double) actual[b * V + id]).isCloseTo(all[all.length - V + id], within(1e-4));
            }
        }
    }

    /** Calls another router's method, as a router of another kind would be called. */
    private record Opaque(Router router) implements Router {
        @Override
        public int numExperts() {
            return router.numExperts();
        }

        @Override
        public List<RouterWeight> weights() {
            return router.weights();
        }

        @Override
        public Routing route(NDArray hiddenTD, NDList weights, RoutingContext context) {
            return router.route(hiddenTD, weights, context);
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void oneKernelDecidesAsTheRouterDoes(Precision precision) {
        ModelConfig config = Models.config(2, D, List.of(4), true, 0);
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, config, 5);
            WeightStore weights = new WeightStore(owner, model, precision);
            StageContext context = StageContext.evaluation(owner, precision);
            Router router = config.router().build(D, 4);
            assertThat(router.isLinearTop1()).isTrue();
            assertThat(new Opaque(router).isLinearTop1()).isFalse();
            NDArray xBD =
                    precision.cast(owner, owner.create(Samples.floats(Samples.normal(3, 7 * D, 1)), new Shape(7, D)));
            BlockStep fused = new MoeFeedForward(1, config, router).step(weights, xBD, context);
            BlockStep called = new MoeFeedForward(1, config, new Opaque(router)).step(weights, xBD, context);
            assertThat(called.expertsRead()).isEqualTo(fused.expertsRead()).isGreaterThan(1);
            float[] expected = Precision.FP32.cast(owner, called.xBD()).toFloatArray();
            float[] actual = Precision.FP32.cast(owner, fused.xBD()).toFloatArray();
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i]).isCloseTo(expected[i], within(precision == Precision.FP32 ? 1e-5f : 0.05f));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.75, capacity factor 0.75", "0, 2 tokens for 3 sequences"})
    void whatCannotBeHonouredIsRefused(double capacity, String message) {
        ModelConfig config = Models.config(2, D, List.of(4), true, capacity);
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, config, 5);
            WeightStore weights = new WeightStore(owner, model, Precision.FP32);
            StageContext context = StageContext.evaluation(owner, Precision.FP32);
            KeyValueCache cache = KeyValueCache.reserved(owner, config, 3, 4, Precision.FP32);
            cache.add(1, 1, 1);
            assertThatThrownBy(() -> model.step(weights, new long[] {1, 2}, context, cache))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void promptsMustFitTheCache() {
        ModelConfig config = Models.config(2, D, List.of(), false, 0);
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, config, 5);
            WeightStore weights = new WeightStore(owner, model, Precision.FP32);
            StageContext context = StageContext.evaluation(owner, Precision.FP32);
            KeyValueCache cache = KeyValueCache.reserved(owner, config, 1, 4, Precision.FP32);
            assertThatThrownBy(() -> model.prefill(weights, PROMPTS, context, cache))
                    .hasMessageContaining("1 to 5 tokens for a cache of 4");
            assertThatThrownBy(() -> model.prefill(weights, List.of(new int[0]), context, cache))
                    .hasMessageContaining("0 to 0 tokens");
            assertThat(cache.sequences()).isZero();
            model.prefill(weights, List.of(new int[] {1, 2, 3}, new int[] {1}), context, cache);
            assertThat(cache.lengths()).containsExactly(3, 1);
            model.step(weights, new long[] {1, 1}, context, cache);
            assertThatThrownBy(() -> model.step(weights, new long[] {1, 1}, context, cache))
                    .hasMessageContaining("exceed the cache of 4");
        }
    }

    @Test
    void stepsLeaveNoArraysBehind() {
        ModelConfig config = Models.config(4, D, List.of(2, 4), true, 0);
        try (NDManager owner = NDManager.newBaseManager()) {
            GptModel model = Models.random(owner, config, 5);
            WeightStore weights = new WeightStore(owner, model, Precision.BF16);
            KeyValueCache cache = KeyValueCache.reserved(owner, config, 3, 10, Precision.BF16);
            int arrays = 0;
            for (int round = 0; round < 5; round++) {
                try (NDManager scope = owner.newSubManager()) {
                    StageContext context = StageContext.evaluation(scope, Precision.BF16);
                    if (round == 0) {
                        model.prefill(weights, PROMPTS, context, cache);
                    } else {
                        cache.keep(2, 1, 0);
                        model.step(weights, new long[] {1, 2, 3}, context, cache);
                    }
                    assertThat(scope.getManagedArrays()).hasSize(1);
                }
                arrays = round == 0 ? owner.getManagedArrays().size() : arrays;
                assertThat(owner.getManagedArrays()).hasSize(arrays);
            }
        }
    }
}
