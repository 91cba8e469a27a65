package io.github.gptmoe.data.task;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskReaderTest {
    @TempDir
    Path data;

    @Test
    void onlyLineFeedsEndRows() throws IOException {
        Tasks.write(
                data,
                "mood",
                "train_0.json",
                "\uFEFF{\"id\": 7, \"text\": \"上\u2028下\u0085\", \"label\": \"up\"}\r",
                "",
                "{\"id\": \"7\", \"text\": \"雨\", \"label\": \"down\", \"more\": [1]}\r");
        List<TaskRow> rows = read(Tasks.mood(), "train_0");
        assertThat(rows).extracting(row -> row.slot("text")).containsExactly("上\u2028下\u0085", "雨");
        assertThat(rows).extracting(TaskRow::line).containsExactly(1L, 3L);
        assertThat(rows).extracting(TaskRow::id).containsExactly(IntNode.valueOf(7), TextNode.valueOf("7"));
        assertThat(rows).extracting(TaskRow::gold).containsExactly(OptionalInt.of(0), OptionalInt.of(1));
        assertThat(rows.get(1).place()).isEqualTo(data.resolve("mood/train_0.json") + ", line 3");
        assertThat(rows.get(0).withoutGold().gold()).isEmpty();
    }

    @Test
    void compressedSplitsAndNumbersAsLabels() throws IOException {
        Files.createDirectories(data.resolve("tree"));
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(data.resolve("tree/dev_0.json.gz")))) {
            out.write("""
                    {"id": 1, "text": "喵", "keywords": ["小", "软"], "label": 100}
                    {"id": 1, "text": "松", "label": "102"}
                    """.getBytes(UTF_8));
        }
        TaskReader reader = new TaskReader(Tasks.tree(), data);
        assertThat(reader.has("dev_0")).isTrue();
        assertThat(reader.has("dev_1")).isFalse();
        List<TaskRow> rows = reader.read("dev_0");
        assertThat(rows).extracting(row -> row.slot("keywords")).containsExactly("小、软", "");
        assertThat(rows).extracting(TaskRow::gold).containsExactly(OptionalInt.of(0), OptionalInt.of(2));
    }

    @Test
    void onlyTestAndUnlabelledSplitsMayLackLabels() throws IOException {
        for (String split : List.of("test", "unlabeled", "dev_0")) {
            Tasks.write(data, "mood", split + ".json", "{\"id\": 1, \"text\": \"雨\"}");
        }
        assertThat(read(Tasks.mood(), "test").get(0).gold()).isEmpty();
        assertThat(read(Tasks.mood(), "unlabeled").get(0).gold()).isEmpty();
        assertThatThrownBy(() -> read(Tasks.mood(), "dev_0"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(data.resolve("mood/dev_0.json") + ", line 1: the field label is missing")
                .hasMessageContaining("[id, text]");
    }

    @Test
    void candidatesOfRowsAreTheLabels() throws IOException {
        Tasks.write(data, "gap", "test.json", "{\"id\": 4, \"text\": \"天#gap#地\", \"choices\": [\"甲\", \"乙\", \"丙\"]}");
        TaskRow row = read(Tasks.gap(), "test").get(0);
        assertThat(row.choices()).containsExactly("甲", "乙", "丙");
        assertThat(row.slot("text")).isEqualTo("天#gap#地");
    }

    /** The place of a span counts code points: the emoji before it is one. */
    @Test
    void spansAreMarked() throws IOException {
        Tasks.write(
                data,
                "spans",
                "test_public.json",
                "{\"idx\": 3, \"text\": \"😀他说小王来了\", \"label\": \"true\","
                        + " \"target\": {\"noun\": \"小王\", \"at\": 3, \"pronoun\": \"他\", \"from\": 1}}",
                "{\"id\": 4, \"text\": \"小王说他来了\", \"label\": false,"
                        + " \"target\": {\"noun\": \"小王\", \"at\": 0, \"pronoun\": \"他\", \"from\": 3}}");
        List<TaskRow> rows = read(Tasks.spans(), "test_public");
        assertThat(rows).extracting(row -> row.slot("marked")).containsExactly("😀_他_说[小王]来了", "[小王]说_他_来了");
        assertThat(rows).extracting(TaskRow::id).containsExactly(IntNode.valueOf(3), IntNode.valueOf(4));
        assertThat(rows.get(1).gold()).hasValue(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "mood|{'id':1,'text':'a','label':'sideways'}|the label \"sideways\" (label) is not one of the task's: up, down",
                "mood|{'id':1,'text':'a','label':null}|the field label is missing",
                "mood|{'id':1,'text':'a','label':['up']}|is not one of the task's",
                "mood|{'id':1,'label':'up'}|the field text is missing",
                "mood|{'id':1,'text':5,'label':'up'}|the field text is 5, not a text",
                "mood|{'text':'a','label':'up'}|the field id is missing",
                "mood|{'id':1,'text':'a','label':'up','text':'b'}|Duplicate field 'text'",
                "mood|['a']|not a JSON object",
                "mood|{'id':1,'text':'a|broken JSON",
                "mood|{'id':1} {'id':2}|broken JSON",
                "gap|{'id':1,'text':'天#gap#地','choices':['甲','乙'],'answer':0}|choices has 2 candidates; the task has 3",
                "gap|{'id':1,'text':'天#gap#地','choices':['甲','乙','甲'],'answer':0}|an empty candidate, or one twice",
                "gap|{'id':1,'text':'天#gap#地','choices':'甲乙丙','answer':0}|choices is no list of texts",
                "gap|{'id':1,'text':'天#gap#地','choices':['甲','乙','丙'],'answer':3}|the label 3 (answer) is not one",
                "gap|{'id':1,'text':'天地','choices':['甲','乙','丙'],'answer':0}|the blank #gap# exactly once",
                "gap|{'id':1,'text':'#gap#天#gap#','choices':['甲','乙','丙'],'answer':0}|the blank #gap# exactly once",
                "tree|{'id':1,'text':'a','keywords':'b','label':100}|keywords is no list of texts",
                "tree|{'id':1,'text':'a','keywords':[],'label':100}|keywords is no list of texts, or an empty one",
                "spans|{'id':1,'text':'小王说他','label':'true','target':{'noun':'小王','at':1,'pronoun':'他','from':3}}"
                        + "|does not have '小王' (target.noun) at character 1 (target.at)",
                "spans|{'id':1,'text':'小王说他','label':'true','target':{'noun':'小王','at':0,'pronoun':'他','from':30}}"
                        + "|does not have '他' (target.pronoun) at character 30",
                "spans|{'id':1,'text':'小王说他','label':'true','target':{'noun':'小王','at':'0','pronoun':'他','from':3}}"
                        + "|at character \"0\"",
                "spans|{'id':1,'text':'小王说他','label':'true','target':{'noun':'小王','at':0,'pronoun':'王','from':1}}"
                        + "|two spans of text overlap",
                "spans|{'id':1,'text':'小王说他','label':'true'}|the field target.noun is missing",
            })
    void badRowsNameTheirPlace(String name, String row, String complaint) throws IOException {
        Task task = List.of(Tasks.mood(), Tasks.gap(), Tasks.tree(), Tasks.spans()).stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow();
        assertThat(task.problems()).isEmpty();
        Path file = Tasks.write(data, name, "train_0.json", "", row.replace('\'', '"'));
        assertThatThrownBy(() -> read(task, "train_0"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ", line 2: ")
                .hasMessageContaining(complaint);
    }

    @Test
    void missingAndEmptyFilesSayWhatIsThere() throws IOException {
        assertThatThrownBy(() -> read(Tasks.mood(), "dev_0"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("task mood: no file " + data.resolve("mood/dev_0.json") + " or ")
                .hasMessageContaining("the folder " + data.resolve("mood") + " does not exist")
                .hasMessageContaining("--data")
                .hasMessageContaining("scripts/fetch-zeroclue.sh");
        Tasks.write(data, "mood", "dev_0.json", "", "");
        Tasks.write(data, "mood", "test.json.gz", "");
        assertThatThrownBy(() -> read(Tasks.mood(), "dev_1")).hasMessageContaining("splits there: dev_0, test)");
        assertThatThrownBy(() -> read(Tasks.mood(), "dev_0"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(data.resolve("mood/dev_0.json") + ": has no rows");
        assertThatThrownBy(() -> read(Tasks.mood(), "test"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("test.json.gz")
                .hasMessageContaining("damaged");
    }

    private List<TaskRow> read(Task task, String split) {
        return new TaskReader(task, data).read(split);
    }
}
