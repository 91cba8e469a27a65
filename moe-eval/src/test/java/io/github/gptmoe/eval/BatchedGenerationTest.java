package io.github.gptmoe.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.eval.Decoding.Continued;
import io.github.gptmoe.eval.Decoding.Limits;
import io.github.gptmoe.router.LargeMarginConfig;
import io.github.gptmoe.router.RouterConfig;
import io.github.gptmoe.router.Top1Config;
import io.github.gptmoe.train.config.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a prompt becomes must not depend on the batch it was in. */
class BatchedGenerationTest {
    private static final List<String> PROMPTS = List.of("小猫", "", "今天的天气很好，我们", "a", "小猫", "天上有很多星星", "狗");
    private static final int TOKENS = 11;

    @TempDir
    private Path folder;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    enum Routers {
        TOP1(Top1Config.defaults()),
        LARGE_MARGIN(new LargeMarginConfig(null, null, null, null, null, null, null, null, null));

        private final RouterConfig config;

        Routers(RouterConfig config) {
            this.config = config;
        }
    }

    /** Trained with a capacity, which in evaluation would let neighbours push tokens out of their experts. */
    private TrainedModel open(RouterConfig router, Precision precision) {
        RunConfig run = TinyRun.config(TinyRun.tokenizer(), 0.5);
        ModelConfig m = run.model();
        ModelConfig model = new ModelConfig(
                m.layers(),
                m.hidden(),
                m.heads(),
                m.sequenceLength(),
                m.vocabulary(),
                m.experts(),
                m.moeInterval(),
                m.residual(),
                router,
                m.capacityFactor(),
                m.positions(),
                m.norm(),
                m.activation(),
                m.tieEmbeddings(),
                m.initStd());
        TinyRun.create(folder, new RunConfig(model, run.data(), run.train(), run.checkpoint(), run.report()), 1, 1, 7);
        return TrainedModel.open(folder, precision);
    }

    private static List<GeneratedText> alone(TrainedModel trained, TokenChoice choice) {
        Generator generator = new Generator(trained);
        return IntStream.range(0, PROMPTS.size())
                .mapToObj(i -> generator.generate(PROMPTS.get(i), TOKENS, choice.ofPrompt(i), piece -> {}))
                .toList();
    }

    private static List<GeneratedText> together(TrainedModel trained, Decoding decoding, int batch) {
        List<GeneratedText> heard = new ArrayList<>();
        List<GeneratedText> texts = new Generator(trained).generate(PROMPTS, TOKENS, decoding, batch, heard::add);
        assertThat(heard).as("in order").isEqualTo(texts);
        return texts;
    }

    @ParameterizedTest
    @EnumSource
    void greedyTextsAreThoseOfSinglePrompts(Routers router) {
        try (TrainedModel trained = open(router.config, Precision.FP32)) {
            List<GeneratedText> expected = alone(trained, new Greedy());
            for (int batch : new int[] {1, 2, 3, 5, 7, 20}) {
                assertThat(together(trained, new Greedy(), batch))
                        .as("batch of %d", batch)
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void drawsDependOnSeedAndNumberOfThePrompt(Routers router) {
        Sampling sampling = new Sampling(1, List.of(new TopK(200)), 5);
        try (TrainedModel trained = open(router.config, Precision.FP32)) {
            List<GeneratedText> expected = alone(trained, sampling);
            for (int batch : new int[] {1, 3, 7}) {
                assertThat(together(trained, sampling, batch)).isEqualTo(expected);
            }
            // The same prompt twice, drawn twice.
            assertThat(expected.get(4).ids()).isNotEqualTo(expected.get(0).ids());
            assertThat(expected.get(0))
                    .isEqualTo(new Generator(trained).generate(PROMPTS.get(0), TOKENS, sampling, piece -> {}));
        }
    }

    /** A continuation that ends early changes places in the cache; those that go on must keep their own past. */
    @Test
    void textsThatEndLeaveTheOthersAlone() {
        try (TrainedModel trained = open(Top1Config.defaults(), Precision.FP32)) {
            int end = trained.tokenizer().endOfDocument();
            List<GeneratedText> whole = alone(trained, new Greedy());
            for (int batch : new int[] {2, 4, 7}) {
                List<GeneratedText> cut = together(trained, new EndsAfter(end, 1), batch);
                for (int i = 0; i < whole.size(); i++) {
                    List<Integer> ids = whole.get(i).ids();
                    assertThat(cut.get(i).ids()).isEqualTo(ids.subList(0, Math.min(ids.size(), 1 + i * 5 % 7)));
                }
            }
        }
    }

    /** Greedy, but prompt i ends after {@code length} tokens. */
    private record EndsAfter(int end, int length) implements TokenChoice {
        @Override
        public int choose(float[] logits, int index) {
            return index < length ? new Greedy().choose(logits, index) : end;
        }

        @Override
        public TokenChoice ofPrompt(int prompt) {
            return new EndsAfter(end, 1 + prompt * 5 % 7);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FP32, TOP1",
        "FP32, LARGE_MARGIN",
        "BF16, TOP1",
        "BF16, LARGE_MARGIN",
        "FP16, TOP1",
        "FP16, LARGE_MARGIN"
    })
    void logitsAreThoseOfAnUncachedSingleText(Precision precision, Routers router) {
        try (TrainedModel trained = open(router.config, precision)) {
            List<List<Integer>> texts = new ArrayList<>();
            List<RecomputedTexts> single = new ArrayList<>();
            for (int[] ids : new int[][] {{5, 9, 300}, {17}, {300, 301, 302, 303, 304, 305, 306}, {42, 17}}) {
                texts.add(Arrays.stream(ids).boxed().toList());
                single.add(new RecomputedTexts(trained, texts.get(texts.size() - 1)));
            }
            Deviation deviation = new Deviation();
            try (CachedTexts batch = new CachedTexts(
                    trained.inference(), trained.tokenizer().vocabularySize(), 2, TinyRun.SEQUENCE_LENGTH)) {
                // Into a cache for two: it must grow. The last text comes later than the others.
                batch.add(ids(texts.subList(0, 3)));
                deviation.add(batch, single);
                batch.add(ids(texts.subList(3, 4)));
                for (int[] sources : new int[][] {{0, 1, 2, 3}, {3, 1, 2}, {2, 2, 0, 1, 2}, {4, 1}, {1, 0}}) {
                    int[] chosen = IntStream.range(0, sources.length)
                            .map(i -> 310 + 7 * i)
                            .toArray();
                    List<RecomputedTexts> before = List.copyOf(single);
                    single.clear();
                    for (int i = 0; i < sources.length; i++) {
                        RecomputedTexts text = new RecomputedTexts(
                                trained, before.get(sources[i]).text(0));
                        text.advance(new int[] {0}, new int[] {chosen[i]});
                        single.add(text);
                    }
                    batch.advance(sources, chosen);
                    assertThat(batch.size()).isEqualTo(sources.length);
                    deviation.add(batch, single);
                }
            }
            assertThat(deviation.worst).isLessThan(bound(precision, deviation.size()));
        }
    }

    private static List<int[]> ids(List<List<Integer>> texts) {
        return texts.stream()
                .map(text -> text.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    /**
     * On either way are two blocks of a dozen roundings, each of at most 2^-8 of a value, 2^-8 / sqrt(3) in root mean square.
     * Those of both ways are independent and make sqrt(2 * 24 / 3) * 2^-8 = 2^-6 together. A logit is a sum over the width,
     * so its error is that share of the logits' root mean square. Of ten thousand errors none is six times that. FP16 has
     * three bits more.
     */
    private static double bound(Precision precision, double size) {
        return switch (precision) {
            case FP32 -> 1e-4;
            case BF16 -> 6 * 0x1p-6 * size;
            case FP16 -> 6 * 0x1p-9 * size;
        };
    }

    /** How far logits of a batch are from those of single texts. */
    private static final class Deviation {
        private double worst;
        private double squares;
        private long count;

        void add(TextBatch batch, List<RecomputedTexts> single) {
            for (int text = 0; text < batch.size(); text++) {
                float[] actual = batch.logits(text);
                float[] expected = single.get(text).logits(0);
                assertThat(actual).hasSameSizeAs(expected);
                for (int id = 0; id < actual.length; id++) {
                    worst = Math.max(worst, Math.abs(actual[id] - expected[id]));
                    squares += (double) expected[id] * expected[id];
                    count++;
                }
            }
        }

        /** Root mean square of the logits. */
        double size() {
            return Math.sqrt(squares / count);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void beamOnTheCacheFindsWhatRecomputedTextsFind(int width) {
        BeamSearch beam = new BeamSearch(width, 1);
        try (TrainedModel trained = open(Top1Config.defaults(), Precision.FP32)) {
            List<GeneratedText> found = together(trained, beam, 4);
            for (int i = 0; i < PROMPTS.size(); i++) {
                int[] prompt = trained.tokenizer().encode(PROMPTS.get(i));
                List<Integer> start = prompt.length == 0
                        ? List.of(trained.tokenizer().endOfDocument())
                        : Arrays.stream(prompt).boxed().toList();
                int room = TinyRun.SEQUENCE_LENGTH - start.size() + 1;
                Limits limits =
                        new Limits(Math.min(TOKENS, room), trained.tokenizer().endOfDocument());
                Continued expected = beam.continueText(new RecomputedTexts(trained, start), limits, id -> {});
                assertThat(found.get(i).ids()).isEqualTo(expected.ids());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "FP16"})
    void lowPrecisionRunsTheWholeBatchTheSameTwice(Precision precision) {
        try (TrainedModel trained = open(Top1Config.defaults(), precision)) {
            List<GeneratedText> first = together(trained, new Greedy(), 4);
            assertThat(together(trained, new Greedy(), 4)).isEqualTo(first);
            assertThat(first).allMatch(text -> !text.ids().isEmpty());
        }
    }

    @Test
    void theRunDecidesThePrecisionUnlessTheCallerDoes() {
        try (TrainedModel trained = open(Top1Config.defaults(), Precision.BF16)) {
            assertThat(trained.precision()).isEqualTo(Precision.BF16);
        }
        try (TrainedModel trained = TrainedModel.open(folder)) {
            assertThat(trained.precision()).isEqualTo(Precision.FP32);
        }
    }

    @Test
    void aPromptThatIsTooLongIsNamed() {
        List<String> prompts = List.of("a", "\u0001".repeat(TinyRun.SEQUENCE_LENGTH + 1), "b");
        try (TrainedModel trained = open(Top1Config.defaults(), Precision.FP32)) {
            assertThatThrownBy(() -> new Generator(trained).generate(prompts, 1, new Greedy(), 4, text -> {}))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("prompt 2 of 3 has 25 tokens")
                    .hasMessageContaining("look at 24");
        }
    }

    @Test
    void nothingStaysAllocated() {
        try (TrainedModel trained = open(Top1Config.defaults(), Precision.FP32)) {
            int before = trained.manager().getManagedArrays().size();
            together(trained, new Greedy(), 3);
            together(trained, new BeamSearch(3, 1), 3);
            assertThat(trained.manager().getManagedArrays()).hasSize(before);
        }
    }

    @Test
    void theLastOnesFillTheGaps() {
        assertThat(SideBySide.sources(List.of(0, 1, 2))).containsExactly(0, 1, 2);
        assertThat(SideBySide.sources(List.of(1, 2, 4))).containsExactly(4, 1, 2);
        assertThat(SideBySide.sources(List.of(5, 6))).containsExactly(5, 6);
        assertThat(SideBySide.sources(List.of(0, 3, 5))).containsExactly(0, 3, 5);
        assertThat(SideBySide.sources(List.of())).isEmpty();
    }

    /** A text's cost is over when it ends: the batch must shrink, and waiting prompts must come in. */
    @Test
    void theBatchShrinksAndRefills() {
        assertThat(new GenerateBenchmark.Settings(List.of(1, 2), 3, 4).positions())
                .isEqualTo(3 + 4);
        try (TrainedModel trained = open(Top1Config.defaults(), Precision.FP32);
                CachedTexts texts = new CachedTexts(trained.inference(), 544, 2, TinyRun.SEQUENCE_LENGTH)) {
            texts.add(List.of(new int[] {1, 2, 3}, new int[] {4}));
            texts.advance(new int[] {1}, new int[] {5});
            assertThat(texts.cachedTokens()).isEqualTo(2);
            texts.add(List.of(new int[] {6, 7}));
            assertThat(texts.cachedTokens()).isEqualTo(4);
            assertThat(texts.size()).isEqualTo(2);
            texts.advance(new int[0], new int[0]);
            assertThat(texts.size()).isZero();
            assertThat(texts.cachedTokens()).isZero();
        }
    }
}
