package io.github.gptmoe.eval.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.train.config.AdaptConfig;
import io.github.gptmoe.train.config.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskTextsTest {
    private final Task task = Mood.task();

    @TempDir
    Path data;

    @BeforeEach
    void write() throws IOException {
        Mood.write(data, false);
    }

    @Test
    void unlabelledRowsAreUsed_withoutThoseOfTheTest() {
        TaskTexts texts = read();

        assertThat(texts.splits()).containsExactly("unlabeled");
        assertThat(texts.rows()).hasSize(40).noneMatch(TaskTextsTest::isSecret);
        assertThat(texts.leftOut()).isEqualTo(1);
    }

    @Test
    void smallSetsStandInWithoutTheirLabels() throws IOException {
        Files.delete(data.resolve("mood/unlabeled.json"));

        TaskTexts texts = read();

        assertThat(texts.splits()).containsExactly("train_few_all", "dev_few_all");
        assertThat(texts.rows())
                .hasSize(4)
                .noneMatch(TaskTextsTest::isSecret)
                .allMatch(row -> row.gold().isEmpty());
        assertThat(texts.leftOut()).isEqualTo(1);
    }

    @Test
    void testTextsAreUsedOnlyIfThatIsSaid() {
        TaskTexts texts = read("adapt.testTexts=true");

        assertThat(texts.splits()).containsExactly("unlabeled", "test", "test_public");
        assertThat(texts.rows()).hasSize(44).allMatch(row -> row.gold().isEmpty());
        assertThatThrownBy(() -> config("adapt.texts=[test_public]")).hasMessageContaining("testTexts");
    }

    @Test
    void someAreDrawnBySeed() {
        List<Long> lines = lines(TaskTexts.read(task, data, config("adapt.maxRows=10"), tested(), 1));

        assertThat(lines)
                .hasSize(10)
                .isSorted()
                .isEqualTo(lines(TaskTexts.read(task, data, config("adapt.maxRows=10"), tested(), 1)));
        assertThat(lines(TaskTexts.read(task, data, config("adapt.maxRows=10"), tested(), 2)))
                .isNotEqualTo(lines);
    }

    @Test
    void aTaskWithoutAnyFreeTextIsRefused() throws IOException {
        Files.writeString(data.resolve("mood/unlabeled.json"), "{\"id\": 0, \"sentence\": \"" + Mood.SECRET + "\"}\n");

        assertThatThrownBy(this::read)
                .isInstanceOf(InputException.class)
                .hasMessageContaining("mood")
                .hasMessageContaining("adapt.texts");
    }

    private TestTexts tested() {
        return TestTexts.of(List.of(task), data);
    }

    private TaskTexts read(String... sets) {
        AdaptConfig config = config(sets);
        return TaskTexts.read(task, data, config, config.testTexts() ? new TestTexts() : tested(), 1);
    }

    static AdaptConfig config(String... sets) {
        return ConfigLoader.loadAdaptation(
                        "../configs/adapt/standard.yaml", Stream.of(sets).toList())
                .adapt();
    }

    private static boolean isSecret(TaskRow row) {
        return row.slot("text").contains(Mood.SECRET);
    }

    private static List<Long> lines(TaskTexts texts) {
        return texts.rows().stream().map(TaskRow::line).toList();
    }
}
