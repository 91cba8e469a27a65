package io.github.gptmoe.train.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.train.config.ConfigException;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SwitchesTest {
    private static final String YAML = """
            model: {layers: 4, hidden: 32, heads: 2, sequenceLength: 50, vocabulary: 100, experts: 4}
            data: {train: unused.txt, tokenizer: unused.model}
            train: {globalBatch: 8, microBatch: 2, steps: 5, optimizer: {learningRate: 1e-3}}
            """;

    private static Function<List<String>, RunConfig> loader(String... sets) {
        return more -> {
            List<String> all = new ArrayList<>(List.of(sets));
            all.addAll(more);
            return ConfigLoader.parse("base.yaml", YAML, all);
        };
    }

    private static List<String> values(String key, String... sets) {
        return Switches.axes(loader(sets), List.of(1), Map.of()).stream()
                .filter(axis -> axis.key().equals(key))
                .findFirst()
                .orElseThrow()
                .values();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "8 | 2 | 1 2 4 8",
                "7 | 7 | 1 7",
                "1 | 1 | 1",
                "240 | 20 | 1 2 4 8 16 20 40 80 240",
                "256 | 4 | 1 2 4 8 16 32 64 128 256",
            })
    void microBatchesAreDivisorsTwiceAsLargeEach(int global, int own, String expected) {
        assertThat(values("train.microBatch", "train.globalBatch=" + global, "train.microBatch=" + own))
                .containsExactly(expected.split(" "));
    }

    @Test
    void microBatchesDivideTheStepsOfARampToo() {
        String ramp = "train.batchRamp={start: 8, increment: 4, samples: 100}";
        assertThat(values("train.microBatch", "train.globalBatch=24", ramp)).containsExactly("1", "2", "4");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2 | 4 | none | all moe none",
                "2 | 0 | none | all none",
                "2 | 0 | moe | all moe",
                "1 | 4 | none | all none",
                "1 | 4 | moe | moe none",
            })
    void recomputeHasTheKindsThatDiffer(int interval, int experts, String own, String expected) {
        assertThat(values(
                        "train.recompute",
                        "model.moeInterval=" + interval,
                        "model.experts=" + experts,
                        "train.recompute=" + own))
                .containsExactly(expected.split(" "));
    }

    @Test
    void aListOfBlocksIsKeptAndNotOrderedByMemory() {
        Function<List<String>, RunConfig> loader = loader("train.recompute=[0, 3]");
        SwitchSpace space = SwitchSpace.of(loader, Switches.axes(loader, List.of(1), Map.of()));
        Combination own = space.own().orElseThrow();
        assertThat(own.get("train.recompute")).isEqualTo("[0, 3]");
        assertThat(space.config(own).train().recompute()).containsExactly("0", "3");
        assertThat(space.axis("train.recompute").values()).containsExactly("all", "moe", "none", "[0, 3]");
        assertThat(space.needsAtLeast(own.with("train.recompute", "none"), own)).isFalse();
        assertThat(space.needsAtLeast(own.with("train.microBatch", "4"), own)).isTrue();
        assertThat(space.needsAtLeast(own.with("train.microBatch", "8"), own))
                .as("a step of one micro-batch sums nothing up")
                .isFalse();
    }

    @Test
    void theConfigurationsOwnComesFirstOrWhatIsNearest() {
        Function<List<String>, RunConfig> loader = loader("train.microBatch=8");
        SwitchSpace two = SwitchSpace.of(loader, Switches.axes(loader, List.of(2), Map.of()));
        assertThat(two.own()).as("one micro-batch cannot be shared by two").isEmpty();
        Combination start = two.start();
        assertThat(start.get("train.recompute")).isEqualTo("none");
        assertThat(start.get("train.zeroStage")).isEqualTo("0");
        assertThat(start.sets())
                .containsExactly(
                        "train.microBatch=" + start.get("train.microBatch"),
                        "train.recompute=none",
                        "train.zeroStage=0");
    }

    @Test
    void whatCannotBeTriedIsSaidAtOnce() {
        Map<String, List<String>> tried = new LinkedHashMap<>();
        tried.put("train.microBatch", List.of("4", "3"));
        tried.put("train.recompute", List.of("some"));
        tried.put("model.hidden", List.of("64"));
        tried.put("train.globalBatch", List.of("16"));
        tried.put("train.noSuchKey", List.of("16"));
        assertThatThrownBy(() -> Switches.axes(loader(), List.of(1), tried))
                .isInstanceOfSatisfying(ConfigException.class, wrong -> {
                    assertThat(wrong.problems()).hasSize(5);
                    assertThat(wrong.problems().get(0))
                            .startsWith("train.microBatch=3: ")
                            .contains("3 does not divide globalBatch 8");
                    assertThat(wrong.problems().get(1)).startsWith("train.recompute=some: ");
                    assertThat(wrong.problems().subList(2, 5))
                            .allSatisfy(problem -> assertThat(problem)
                                    .contains(
                                            " is no switch: ",
                                            "use train.microBatch, train.recompute, train.zeroStage, train.headChunk",
                                            "or --set for all trials"));
                });
    }

    @Test
    void tooManyValuesAreAMistake() {
        List<String> numbers = new ArrayList<>();
        for (int i = 1; i <= 500; i++) {
            numbers.add(Integer.toString(i));
        }
        assertThatThrownBy(() -> Switches.axes(loader(), List.of(1), Map.of("train.headChunk", numbers)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("6000 combinations are more than 4096");
    }

    @Test
    void aConfigurationThatCannotRunHasItsRemedy() {
        Function<List<String>, RunConfig> loader = loader("train.zeroStage=2");
        assertThatThrownBy(() -> SwitchSpace.of(loader, Switches.axes(loader, List.of(1), Map.of())))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("no combination is possible: train.zeroStage 2")
                .hasMessageContaining("--set train.zeroStage=0");
    }
}
