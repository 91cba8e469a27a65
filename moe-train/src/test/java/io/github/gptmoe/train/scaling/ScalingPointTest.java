package io.github.gptmoe.train.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.gptmoe.core.model.ModelConfig;
import io.github.gptmoe.train.config.ConfigException;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.config.TrainConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScalingPointTest {
    private static final String YAML = """
            model: {layers: 4, hidden: 64, heads: 4, sequenceLength: 32, vocabulary: 100, experts: 8}
            data: {train: unused.txt, tokenizer: unused.model}
            train: {globalBatch: 12, microBatch: 4, steps: 5, optimizer: {learningRate: 1e-3}}
            """;

    private static Function<List<String>, RunConfig> loader(String... sets) {
        return more -> {
            List<String> all = new ArrayList<>(List.of(sets));
            all.addAll(more);
            return ConfigLoader.parse("base.yaml", YAML, all);
        };
    }

    private static List<RunConfig> configs(String key, String... values) {
        return ScalingPoint.all(loader(), key, List.of(values)).stream()
                .map(ScalingPoint::config)
                .toList();
    }

    private static List<String> problems(Function<List<String>, RunConfig> loader, String key, String... values) {
        return catchThrowableOfType(ConfigException.class, () -> ScalingPoint.all(loader, key, List.of(values)))
                .problems();
    }

    @Test
    void longerSequencesAreFewerWithAsManyTokens() {
        List<RunConfig> configs = configs("model.sequenceLength", "16", "32", "128");
        assertThat(configs)
                .extracting(config -> config.model().sequenceLength())
                .containsExactly(16, 32, 128);
        assertThat(configs).extracting(config -> config.train().microBatch()).containsExactly(8, 4, 1);
        assertThat(configs).extracting(config -> config.train().globalBatch()).containsExactly(24, 12, 3);
        assertThat(configs)
                .allSatisfy(config -> assertThat(
                                config.train().globalBatch() * config.model().sequenceLength())
                        .isEqualTo(12 * 32));
    }

    @Test
    void measuredIsTheBatchAfterARamp() {
        String ramp = "train.batchRamp={start: 4, increment: 4, samples: 100}";
        ScalingPoint point = ScalingPoint.all(loader(ramp), "model.sequenceLength", List.of("16"))
                .get(0);
        assertThat(point.config().train().batchRamp()).isNull();
        assertThat(point.sets()).contains("train.batchRamp=");
    }

    @Test
    void sequencesThatDoNotFitAMicroBatchAreAllNamed() {
        assertThat(problems(loader(), "model.sequenceLength", "16", "24", "256"))
                .satisfiesExactly(
                        first -> assertThat(first)
                                .startsWith("model.sequenceLength=24: ")
                                .contains("4 x 32 = 128 tokens", "use divisors of 128"),
                        second -> assertThat(second).startsWith("model.sequenceLength=256: "));
    }

    @Test
    void widerModelsHaveMoreHeadsOfTheSameSize() {
        List<ModelConfig> models = configs("model.hidden", "32", "64", "96").stream()
                .map(RunConfig::model)
                .toList();
        assertThat(models).extracting(ModelConfig::hidden).containsExactly(32, 64, 96);
        assertThat(models).extracting(ModelConfig::heads).containsExactly(2, 4, 6);
        assertThat(problems(loader(), "model.hidden", "40"))
                .singleElement()
                .asString()
                .contains("40 is no multiple of 16", "use multiples of 16");
    }

    @Test
    void deeperModelsRepeatTheirExperts() {
        List<ModelConfig> models =
                configs("model.layers", "2", "8").stream().map(RunConfig::model).toList();
        assertThat(models).extracting(ModelConfig::experts).containsExactly(List.of(8), List.of(8, 8, 8, 8));
        ScalingPoint listed = ScalingPoint.all(loader("model.experts=[8, 8]"), "model.layers", List.of("6"))
                .get(0);
        assertThat(listed.config().model().experts()).containsExactly(8, 8, 8);
        assertThat(problems(loader("model.experts=[4, 8]"), "model.layers", "4", "8"))
                .singleElement()
                .asString()
                .startsWith("model.layers=8: ")
                .contains("give one number");
        ScalingPoint dense = ScalingPoint.all(loader("model.experts=0"), "model.layers", List.of("1"))
                .get(0);
        assertThat(dense.config().model().moeLayers()).isZero();
    }

    @Test
    void noExpertsAreTheDenseModel() {
        List<ScalingPoint> points = ScalingPoint.all(loader(), "model.experts", List.of("0", "2", "16"));
        assertThat(points)
                .extracting(point -> point.config().model().experts())
                .containsExactly(List.of(), List.of(2, 2), List.of(16, 16));
        assertThat(points.get(0).flopsPerToken()).isEqualTo(points.get(2).flopsPerToken());
        assertThat(problems(loader(), "model.experts", "0", "1", "2.5"))
                .satisfiesExactly(
                        first -> assertThat(first).contains("at least 2"),
                        second -> assertThat(second).contains("2.5 must be a whole number"));
    }

    @Test
    void anyOtherNumericKeyIsSetAsItIs() {
        assertThat(configs("train.microBatch", "1", "2", "6"))
                .extracting(RunConfig::train)
                .extracting(TrainConfig::microBatch)
                .containsExactly(1, 2, 6);
        assertThat(configs("train.clipNorm", "0", "0.5"))
                .extracting(config -> config.train().clipNorm())
                .containsExactly(0.0, 0.5);
        assertThat(problems(loader(), "train.microBatch", "4", "5"))
                .singleElement()
                .asString()
                .contains("train.microBatch=5: ", "does not divide globalBatch");
    }

    @Test
    void keysAndValuesThatAreNoNumbersAreRefused() {
        assertThat(problems(loader(), "train.precision", "1"))
                .singleElement()
                .asString()
                .contains("train.precision", "is no number", "model.layers");
        assertThat(problems(loader(), "model.layer", "1", "2"))
                .singleElement()
                .asString()
                .contains("model.layer", "unknown key", "layers");
        assertThat(problems(loader(), "model.layers", "two", "0", "4", "4.0"))
                .satisfiesExactly(
                        first -> assertThat(first).isEqualTo("model.layers=two: 'two' is no number"),
                        second -> assertThat(second).contains("0 must be a whole number from 1 on"),
                        third -> assertThat(third).isEqualTo("model.layers=4.0: is given twice, first as 4; keep one"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999999999", "1e400000000", "1e2147483647", "1e-2147483647", "0e41", "1e-41", "%s"})
    void numbersThatCannotBeWrittenOutAreRefused(String value) {
        String text = value.formatted("1".repeat(41));
        for (String key : List.of("model.layers", "train.globalBatch", "train.clipNorm")) {
            assertThat(problems(loader(), key, text))
                    .containsExactly(
                            key + "=" + text + ": has more than 40 digits when written out; give a number with fewer");
        }
        assertThat(problems(loader(), "train.globalBatch", "1e40").get(0)).contains("beyond the largest integer");
    }

    @Test
    void overridesOfTheCallStandFirst() {
        ScalingPoint point = ScalingPoint.all(
                        loader("train.microBatch=2", "model.sequenceLength=64"), "model.sequenceLength", List.of("32"))
                .get(0);
        assertThat(point.sets())
                .containsExactly("model.sequenceLength=32", "train.microBatch=4", "train.globalBatch=24");
        assertThat(point.label()).isEqualTo("32");
    }
}
