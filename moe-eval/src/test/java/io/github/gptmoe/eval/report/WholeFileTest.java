package io.github.gptmoe.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
    @TempDir
    Path folder;

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void replacesAndLeavesNothingElse() throws IOException {
        Path file = folder.resolve("page.html");
        WholeFile.replace(file, "old", "--out");
        WholeFile.replace(file, "new", "--out");
        assertThat(file).content().isEqualTo("new");
        assertThat(names()).containsExactly("page.html");
    }

    /** What another process of the same name is writing, or left behind, is not touched. */
    @Test
    void anotherWritersCopyIsNotInTheWay() throws IOException {
        Path other = Files.createDirectories(folder.resolve("page.html.tmp"));
        WholeFile.replace(folder.resolve("page.html"), "new", "--out");
        assertThat(folder.resolve("page.html")).content().isEqualTo("new");
        assertThat(other).isDirectory();
    }

    @Test
    void aFailureLeavesNothing() throws IOException {
        Path file = folder.resolve("page.html");
        Files.createDirectories(file.resolve("in the way"));
        assertThatThrownBy(() -> WholeFile.replace(file, "new", "--out"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("cannot write " + file)
                .hasMessageContaining("--out");
        assertThat(names()).containsExactly("page.html");
    }
}
