package io.github.gptmoe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.data.clean.CleanConfig;
import io.github.gptmoe.train.config.AdaptConfig;
import io.github.gptmoe.train.config.AdaptationConfig;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.ConfigWriter;
import io.github.gptmoe.train.config.RunConfig;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShippedConfigsTest {

    static Set<String> names() {
        return ConfigLoader.names();
    }

    @Test
    void allAreInsideTheProgram() {
        assertThat(names())
                .contains(
                        "quickstart",
                        "bench-small",
                        "zh-small",
                        "zh-base",
                        "125m-moe64",
                        "13b",
                        "16b",
                        "16b-continue",
                        "gpt-125m",
                        "gpt-350m",
                        "gpt-1.3b");
    }

    @ParameterizedTest
    @MethodSource("names")
    void loadsAndSurvivesWriting(String name) {
        RunConfig run = ConfigLoader.load(name, List.of());
        assertThat(ConfigLoader.parse(name, ConfigWriter.toYaml(run), List.of()))
                .isEqualTo(run);
    }

    @Test
    void sizesAreThoseOfTheirComments() {
        assertThat(count("bench-small").total()).isBetween(155_000_000L, 157_000_000L);
        assertThat(count("bench-small").active()).isBetween(29_000_000L, 30_500_000L);
        assertThat(count("zh-small").total()).isBetween(23_600_000L, 23_800_000L);
        assertThat(count("zh-small").active()).isBetween(8_300_000L, 8_500_000L);
        assertThat(count("zh-base").total()).isBetween(36_300_000L, 36_400_000L);
        assertThat(count("zh-base").active()).isBetween(12_500_000L, 12_600_000L);
        assertThat(count("gpt-125m").total()).isBetween(124_000_000L, 126_000_000L);
        assertThat(count("gpt-350m").total()).isBetween(350_000_000L, 360_000_000L);
    }

    @Test
    void adaptationLoads_andItsValuesAreTheDefaults() {
        AdaptationConfig shipped = ConfigLoader.loadAdaptation("standard", List.of());

        assertThat(shipped.adapt()).isEqualTo(AdaptConfig.defaults());
    }

    @Test
    void cleaningLoads_andItsValuesAreTheDefaults() {
        assertThat(ConfigLoader.loadCleaning("standard", List.of())).isEqualTo(CleanConfig.defaults());
    }

    private static ParameterCount count(String name) {
        return ParameterCount.of(ConfigLoader.load(name, List.of()).model());
    }
}
