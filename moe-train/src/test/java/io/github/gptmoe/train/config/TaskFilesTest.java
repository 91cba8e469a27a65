package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.task.LabelForm;
import io.github.gptmoe.data.task.PatternSet;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskClass;
import io.github.gptmoe.data.task.TaskData;
import io.github.gptmoe.data.task.TaskLabel;
import io.github.gptmoe.data.task.TaskPattern;
import io.github.gptmoe.data.task.TaskSlot;
import io.github.gptmoe.data.task.TaskSpan;
import io.github.gptmoe.data.task.TaskSubmission;
import io.github.gptmoe.data.task.TaskSubmission.AnswerType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskFilesTest {

    private static final String SMALL = """
            name: weather
            description: whether it rains
            data:
              folder: weather
            submission:
              file: weather_predict.json
            slots:
              - {name: text, field: text}
            labels:
              - {value: 1, name: 雨}
              - {value: 0, name: 晴}
            sets:
              - name: article
                rule: likelihood
                patterns:
                  - text: "{text}今天是{label}天"
            """;

    private static final String FULL = """
            name: all
            description: every key
            data: {folder: f, id: [a, b], label: answer, choices: c, unlabeled: more, test: last}
            submission: {file: all_predict.json, field: answer, type: integer}
            slots:
              - {name: joined, field: list, separator: "、"}
              - name: marked
                field: text
                spans:
                  - {text: t.one, start: t.from, before: "[", after: "]"}
              - {name: gap, field: text, blank: "#", optional: true}
            labels:
              - {value: 0, name: 甲类, shortName: 甲, seeds: [一, 二]}
              - {value: 1}
            tree:
              - {name: 上, word: 上面, labels: [0, 1]}
            sets:
              - name: article
                rule: perplexity
                patterns:
                  - text: "{joined}{marked}{{}}{gap}"
            """;

    @TempDir
    private Path folder;

    @Test
    void everyKeyIsRead() {
        assertThat(TaskFiles.parse("all.yaml", FULL))
                .isEqualTo(new Task(
                        "all",
                        "every key",
                        new TaskData("f", List.of("a", "b"), "answer", "c", "more", "last"),
                        new TaskSubmission("all_predict.json", "answer", AnswerType.INTEGER),
                        List.of(
                                new TaskSlot("joined", "list", "、", null, false, List.of()),
                                new TaskSlot(
                                        "marked",
                                        "text",
                                        null,
                                        null,
                                        false,
                                        List.of(new TaskSpan("t.one", "t.from", "[", "]"))),
                                new TaskSlot("gap", "text", null, "#", true, List.of())),
                        List.of(
                                new TaskLabel("0", "甲类", "甲", List.of("一", "二")),
                                new TaskLabel("1", "1", null, List.of())),
                        List.of(new TaskClass("上", "上面", List.of("0", "1"))),
                        null,
                        List.of(new PatternSet(
                                "article",
                                "perplexity",
                                List.of(new TaskPattern("{joined}{marked}{{}}{gap}", null, List.of()))))));
        String words = SMALL.replace("天\"", "天\"\n        form: name");
        assertThat(TaskFiles.parse("w", words).sets().get(0).patterns().get(0).form())
                .isEqualTo(LabelForm.NAME);
        assertThat(TaskFiles.parse("w", SMALL.replace("天\"", "天\"\n        words: [雨, 晴]"))
                        .sets()
                        .get(0)
                        .patterns()
                        .get(0)
                        .words())
                .containsExactly("雨", "晴");
    }

    @Test
    void everyMistakeIsReportedWithItsPlace() {
        String wrong = SMALL.replace("rule: likelihood", "rul: likelihood")
                .replace("name: 晴", "nam: 晴")
                .replace("value: 0", "value: 1")
                .replace("{text}今天", "{txt}今天")
                .replace("folder: weather", "file: weather");
        assertThatThrownBy(() -> TaskFiles.parse("w.yaml", wrong))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("w.yaml:4:3: data.file: unknown key; did you mean")
                .hasMessageContaining("data.folder: is missing")
                .hasMessageContaining("w.yaml:11:6: labels[1].value: '1' is that of labels[0] already")
                .hasMessageContaining("w.yaml:11:16: labels[1].nam: unknown key; did you mean 'name'?")
                .hasMessageContaining("sets[0].rul: unknown key; did you mean 'sets[0].rule'?")
                .hasMessageContaining("sets[0].patterns[0].text: {txt} is no slot; there are label, text");
        assertThatThrownBy(() -> TaskFiles.parse("w.yaml", "- a"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("w.yaml:1:1: expected the sections name, description, data");
        assertThatThrownBy(() -> TaskFiles.parse("w.yaml", ""))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("w.yaml:1:1: name: ")
                .hasMessageContaining("labels: a task needs at least two labels")
                .hasMessageContaining("sets: is missing");
    }

    @Test
    void aBareNameIsATaskOfTheWorkingFolder() throws IOException {
        Files.createDirectories(folder.resolve("configs/tasks"));
        Files.writeString(folder.resolve("configs/tasks/weather.yaml"), SMALL);
        Files.writeString(folder.resolve("mine.yaml"), SMALL.replace("name: weather", "name: mine"));
        Files.createDirectories(folder.resolve("weather"));
        assertThat(TaskFiles.load("weather", folder).name()).isEqualTo("weather");
        assertThat(TaskFiles.load("weather.yaml", folder).name()).isEqualTo("weather");
        assertThat(TaskFiles.load("mine.yaml", folder).name()).isEqualTo("mine");
        assertThat(TaskFiles.load("./mine", folder).name()).isEqualTo("mine");
        assertThat(TaskFiles.load(folder.resolve("mine.yaml").toString(), Path.of(""))
                        .name())
                .isEqualTo("mine");
        assertThat(TaskFiles.names(folder)).contains("weather").doesNotContain("mine");
        assertThat(ConfigSource.names(folder)).doesNotContain("weather", "tasks");
    }

    @Test
    void anUnknownTaskNamesTheNearestAndAll() throws IOException {
        Files.createDirectories(folder.resolve("configs/tasks"));
        Files.writeString(folder.resolve("configs/tasks/weather.yaml"), SMALL);
        Files.writeString(folder.resolve("configs/tasks/mood.yaml"), SMALL);
        for (String name : List.of("wether", "mine", "configs/weather", "configs/tasks")) {
            assertThatThrownBy(() -> TaskFiles.load(name, folder))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("no task '" + name + "'")
                    .hasMessageContaining("tasks that exist: ")
                    .hasMessageContaining("mood, ")
                    .hasMessageContaining("weather");
        }
        assertThatThrownBy(() -> TaskFiles.load("wether", folder)).hasMessageContaining("nearest name: weather;");
    }
}
