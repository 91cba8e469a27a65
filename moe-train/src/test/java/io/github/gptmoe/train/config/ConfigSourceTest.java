package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigSourceTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void writeConfigs() throws IOException {
        Files.createDirectory(folder.resolve("configs"));
        Files.writeString(folder.resolve("here.yaml"), "here");
        Files.writeString(folder.resolve("configs/there.yaml"), "there");
        Files.writeString(folder.resolve("configs/here.yaml"), "hidden by the one in the working folder");
    }

    @Test
    void bareNamesAreLookedUpNearestFirst() {
        for (String name : List.of("here", "here.yaml")) {
            assertThat(ConfigSource.find(name, folder))
                    .isEqualTo(new ConfigSource("here.yaml", "here", folder.resolve("here.yaml")));
        }
        for (String name : List.of("there", "there.yaml", "configs/there", "configs/there.yaml")) {
            assertThat(ConfigSource.find(name, folder))
                    .isEqualTo(new ConfigSource("configs/there.yaml", "there", folder.resolve("configs/there.yaml")));
        }
    }

    @Test
    void missListsTheNamesThatExist() {
        assertThatThrownBy(() -> ConfigSource.find("thera", folder))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("no file 'thera' in the working folder")
                .hasMessageContaining("nearest name: there")
                .hasMessageContaining("configs that exist: here, there");
        assertThatThrownBy(() -> ConfigSource.find("x/y.yaml", folder))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("no file 'x/y.yaml'");
    }

    @Test
    void whatLiesInConfigsOfTheProjectFolderIsShipped() {
        assertThat(ConfigSource.find("there", folder).isShipped(folder)).isTrue();
        assertThat(ConfigSource.find("here", folder).isShipped(folder)).isFalse();
        assertThat(ConfigSource.find("there", folder).isShipped(folder.resolve("configs")))
                .isFalse();
        assertThat(new ConfigSource("inside", "", null).isShipped(folder)).isTrue();
    }

    @Test
    void foldersAndNonsenseAreNamed() {
        assertThatThrownBy(() -> ConfigSource.find("configs", folder))
                .isInstanceOf(ConfigException.class)
                .hasMessage("'configs' is a folder; name a YAML file");
        assertThatThrownBy(() -> ConfigSource.find("a\0b", folder)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> ConfigSource.find("", folder)).isInstanceOf(ConfigException.class);
    }

    @Test
    void invalidUtf8IsPlaced() throws IOException {
        byte[] bytes = "model:\n  # 今".getBytes(StandardCharsets.UTF_8);
        bytes[bytes.length - 1] = 'x';
        Files.write(folder.resolve("bad.yaml"), bytes);
        assertThatThrownBy(() -> ConfigSource.find("bad", folder))
                .isInstanceOf(ConfigException.class)
                .hasMessage("bad.yaml:2:5: not valid UTF-8; save the file as UTF-8");
    }

    @Test
    void byteOrderMarkIsSkipped() throws IOException {
        Files.writeString(folder.resolve("bom.yaml"), "\uFEFF" + Configs.MINIMAL);
        assertThat(ConfigLoader.load("bom", List.of(), folder)).isEqualTo(Configs.parse(Configs.MINIMAL));
    }

    @Test
    void sizeIsLimited() throws IOException {
        String padding = "#" + " ".repeat(ConfigSource.MAXIMUM_BYTES - Configs.MINIMAL.length() - 1);
        Files.writeString(folder.resolve("full.yaml"), Configs.MINIMAL + padding);
        assertThat(ConfigLoader.load("full", List.of(), folder)).isEqualTo(Configs.parse(Configs.MINIMAL));
        Files.writeString(folder.resolve("over.yaml"), Configs.MINIMAL + padding + " ");
        assertThatThrownBy(() -> ConfigLoader.load("over", List.of(), folder))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("over.yaml: larger than 1 MiB");
    }

    @Test
    void problemsNameTheFileAsItCanBeFoundAgain() throws IOException {
        Files.writeString(folder.resolve("configs/wrong.yaml"), "modle: 1\n");
        assertThatThrownBy(() -> ConfigLoader.load("wrong", List.of(), folder))
                .hasMessageContaining("configs/wrong.yaml:1:1: modle: unknown key");
    }
}
