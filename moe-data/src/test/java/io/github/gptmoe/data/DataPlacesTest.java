package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataPlacesTest {
    /** A file that every module has in the folder its tests run in. */
    private static final String HERE = "pom.xml";

    @TempDir
    private Path home;

    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void files() throws IOException {
        Files.createDirectories(home.resolve("text"));
        TestFiles.write(home, "text/a.jsonl", "{\"text\":\"a\"}\n");
        TestFiles.write(home, "v.txt", "v\n");
        TestFiles.write(home, "zh.model", "");
        TestFiles.write(home, HERE, "");
    }

    private DataConfig find(List<String> train, List<String> validation, String tokenizer) {
        DataConfig config =
                new DataConfig(train, validation, 0.3, tokenizer, "cache", "skip", 3, 5, "stream", "text", null);
        return DataPlaces.find(config, home, told::add);
    }

    private String there(String path) {
        return home + "/" + path;
    }

    @Test
    void pathsOfTheSecondFolderAreTakenAndSaid() {
        DataConfig found = find(List.of("text/*.jsonl", "text"), List.of("v.txt"), "zh.model");
        assertThat(found)
                .isEqualTo(new DataConfig(
                        List.of(there("text/*.jsonl"), there("text")),
                        List.of(there("v.txt")),
                        0.3,
                        there("zh.model"),
                        "cache",
                        "skip",
                        3,
                        5,
                        "stream",
                        "text",
                        null));
        assertThat(told)
                .hasSize(4)
                .contains("data.train: text/*.jsonl is not in the working folder, using " + there("text/*.jsonl"));
    }

    @Test
    void theWorkingFolderComesFirst() {
        assertThat(find(List.of("text"), List.of(), HERE).tokenizer()).isEqualTo(HERE);
        assertThat(told).hasSize(1);
    }

    @Test
    void absolutePathsStay() {
        String absolute = home.resolve("missing.txt").toAbsolutePath().toString();
        assertThat(find(List.of(absolute), List.of(), absolute).train()).containsExactly(absolute);
        assertThat(told).isEmpty();
    }

    @Test
    void whatLeadsNowhereIsSaidWithBothPlaces() {
        for (String train : List.of("missing/*.jsonl", "missing", "text/*.gz")) {
            assertThatThrownBy(() -> find(List.of(train), List.of(), "zh.model"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("data.train: " + train)
                    .hasMessageContaining(Path.of("").toAbsolutePath().toString())
                    .hasMessageContaining(home.toString())
                    .hasMessageContaining("--set data.train=");
        }
        assertThatThrownBy(() -> find(List.of("text"), List.of(), "no.model"))
                .hasMessageContaining("data.tokenizer: no.model");
    }
}
