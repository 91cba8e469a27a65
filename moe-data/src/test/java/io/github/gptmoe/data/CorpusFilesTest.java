package io.github.gptmoe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusFilesTest {
    @TempDir
    Path folder;

    @BeforeEach
    void fill() throws IOException {
        Files.createDirectories(folder.resolve("deep"));
        for (String name : List.of("b.txt", "a.jsonl.gz", "README.md", "deep/c.txt.zst")) {
            TestFiles.write(folder, name, "x");
        }
    }

    private List<String> names(String... entries) {
        List<String> paths =
                List.of(entries).stream().map(entry -> folder + "/" + entry).toList();
        return CorpusFiles.resolve("train", paths).stream()
                .map(path -> folder.relativize(path).toString().replace('\\', '/'))
                .toList();
    }

    @Test
    void takesTheTextFilesOfAFolderInOrder() {
        assertThat(names("")).containsExactly("a.jsonl.gz", "b.txt", "deep/c.txt.zst");
    }

    @Test
    void expandsGlobs() {
        assertThat(names("*.txt")).containsExactly("b.txt");
        assertThat(names("**.zst", "{a,b}*")).containsExactly("deep/c.txt.zst", "a.jsonl.gz", "b.txt");
        assertThat(names("d*/*.zst")).containsExactly("deep/c.txt.zst");
    }

    @Test
    void takesEachFileOnce() {
        assertThat(names("b.txt", "*.txt", "deep/../b.txt")).containsExactly("b.txt");
    }

    @Test
    void namesWhatIsMissing() {
        assertThatThrownBy(() -> names("none.txt"))
                .hasMessageContaining("data.train")
                .hasMessageContaining("none.txt");
        assertThatThrownBy(() -> names("*.csv")).hasMessageContaining("*.csv has no text file");
        assertThatThrownBy(() -> names("nowhere/*.txt")).hasMessageContaining("nowhere of ");
        assertThatThrownBy(() -> names("README.md")).hasMessageContaining("unknown kind of text file");
        assertThatThrownBy(() -> names("{a"))
                .isInstanceOf(InputException.class)
                .extracting("kind")
                .isEqualTo(InputException.Kind.CONFIGURATION);
    }

    @Test
    void refusesAFileOfBothKinds() {
        Path file = folder.resolve("b.txt");
        assertThatThrownBy(() -> CorpusFiles.requireDisjoint(List.of(file), List.of(folder.resolve("deep/../b.txt"))))
                .hasMessageContaining("b.txt: is named by data.train and by data.validation");
    }
}
