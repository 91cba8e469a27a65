package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PackConfigTest {
    private static PackSource source(String name, Double weight, Double epochs) {
        return new PackSource(name, List.of("a.txt"), weight, epochs);
    }

    @Test
    void fillsDefaults() {
        PackConfig config = PackConfig.of(List.of(source("a", null, null)));
        assertThat(config)
                .isEqualTo(new PackConfig(
                        List.of(source("a", null, null)),
                        null,
                        List.of(),
                        0.05,
                        "",
                        1L,
                        "fail",
                        0.001,
                        "refuse",
                        4 << 20));
        assertThat(config.problems()).containsOnlyKeys("tokenizer");
        assertThat(config.rowLimit()).isEqualTo(new RowLimit(4 << 20, LongRows.REFUSE));
        assertThat(config.badRowPolicy().action()).isEqualTo(BadRows.FAIL);
    }

    @Test
    void keepsEveryValue() {
        PackConfig config = new PackConfig(
                List.of(source("a", 2.0, null), source("b", null, 0.5)),
                100L,
                List.of("v.txt"),
                0.2,
                "m",
                9L,
                "quarantine",
                0.5,
                "cut",
                1000);
        assertThat(config.problems()).isEmpty();
        assertThat(config.tokens()).isEqualTo(100);
        assertThat(config.validation()).containsExactly("v.txt");
        assertThat(config.seed()).isEqualTo(9);
        assertThat(config.rowLimit()).isEqualTo(new RowLimit(1000, LongRows.CUT));
        assertThat(config.badRowPolicy().action()).isEqualTo(BadRows.QUARANTINE);
        assertThat(config.badRowPolicy().maxShare()).isEqualTo(0.5);
        assertThat(config.sources().get(1).epochsOrOne()).isEqualTo(0.5);
    }

    @Test
    void findsAllProblemsAtOnce() {
        PackConfig config = new PackConfig(
                List.of(
                        new PackSource("a b", null, null, null),
                        source("c", 1.0, 1.0),
                        source("c", -1.0, null),
                        new PackSource("d", List.of(" "), null, Double.NaN)),
                0L,
                List.of(""),
                1.0,
                " ",
                null,
                "ignore",
                -0.1,
                "wrap",
                3);
        assertThat(config.problems())
                .containsOnlyKeys(
                        "sources[0].name",
                        "sources[0].files",
                        "sources[1].weight",
                        "sources[2].name",
                        "sources[2].weight",
                        "sources[3].files",
                        "sources[3].epochs",
                        "tokens",
                        "validation",
                        "validationFraction",
                        "tokenizer",
                        "badRows",
                        "maxBadShare",
                        "longRows",
                        "maxRowBytes");
        assertThat(PackConfig.of(List.of()).problems()).containsKey("sources");
    }

    @Test
    void aLengthNeedsAWeight() {
        PackConfig config =
                new PackConfig(List.of(source("a", null, 1.0)), 10L, null, null, "t", null, null, null, null, null);
        assertThat(config.problems()).containsOnlyKeys("tokens");
    }
}
