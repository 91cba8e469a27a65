package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.PackConfig;
import io.github.gptmoe.data.PackSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackFilesTest {
    private static final String FULL = """
            sources:
              - {name: wiki, files: [a.jsonl.gz, b/*.txt], weight: 3}
              - {name: laws, files: laws.jsonl, weight: 0.5}
              - {name: poems, files: [poems.txt], epochs: 2}
            tokens: 1000000000000
            validation: [held.txt]
            validationFraction: 0.01
            tokenizer: zh.model
            seed: 42
            badRows: quarantine
            maxBadShare: 0.01
            longRows: cut
            maxRowBytes: 1048576
            """;

    @TempDir
    Path folder;

    @Test
    void readsEveryKey() throws IOException {
        PackConfig expected = new PackConfig(
                List.of(
                        new PackSource("wiki", List.of("a.jsonl.gz", "b/*.txt"), 3.0, null),
                        new PackSource("laws", List.of("laws.jsonl"), 0.5, null),
                        new PackSource("poems", List.of("poems.txt"), null, 2.0)),
                1_000_000_000_000L,
                List.of("held.txt"),
                0.01,
                "zh.model",
                42L,
                "quarantine",
                0.01,
                "cut",
                1 << 20);
        Path file = Files.writeString(folder.resolve("mix.yaml"), FULL);
        assertThat(PackFiles.load(file.toString())).isEqualTo(expected);
        PackSource only = new PackSource("a", List.of("b"), null, null);
        assertThat(PackFiles.parse("m", "sources: [{name: a, files: b}]")).isEqualTo(PackConfig.of(List.of(only)));
    }

    @Test
    void tellsEverythingThatIsWrongWithItsPlace() {
        String wrong = FULL.replace("weight: 3", "wieght: 3")
                .replace("epochs: 2", "epochs: 0")
                .replace("cut", "fold")
                .replace("0.01", "much");
        assertThatThrownBy(() -> PackFiles.parse("mix.yaml", wrong))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "mix.yaml:2:48: sources[0].wieght: unknown key; did you mean 'sources[0].weight'?")
                .hasMessageContaining("sources[2].epochs: is 0.0; it must lie above 0")
                .hasMessageContaining("longRows: is \"fold\"; use \"refuse\" or \"cut\"")
                .hasMessageContaining("validationFraction: expected a number");
        assertThatThrownBy(() -> PackFiles.load(folder.resolve("none.yaml").toString()))
                .isInstanceOf(ConfigException.class);
    }
}
