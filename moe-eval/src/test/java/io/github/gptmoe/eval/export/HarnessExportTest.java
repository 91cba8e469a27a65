package io.github.gptmoe.eval.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.Tokenizer;
import io.github.gptmoe.data.task.FilledPrompt;
import io.github.gptmoe.data.task.PatternSet;
import io.github.gptmoe.data.task.PromptEncoder;
import io.github.gptmoe.data.task.PromptSegment;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskPattern;
import io.github.gptmoe.data.task.TaskReader;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.train.config.TaskFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The shipped tasks as files of the harness: their text, and that they ask what we ask. */
class HarnessExportTest {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);

    /** Rows in the form of the official files. Quotes, braces and a letter outside the basic plane are there to be kept. */
    private static final Map<String, List<String>> ROWS = Map.of(
            "eprstmt",
            List.of(
                    "{'id': 1, 'sentence': '东西很好，下次再来', 'label': 'Positive'}",
                    "{'id': 2, 'sentence': 'it\\u0027s {{ not }} \\\\good\\n', 'label': 'Negative'}"),
            "csldcp",
            List.of("{'id': 1, 'content': '本文讨论桥梁的受力', 'label': '力学'}"),
            "tnews",
            List.of(
                    "{'id': 1, 'sentence': '球队赢了', 'keywords': '球队,比赛', 'label': 103, 'label_desc': 'news_sports'}",
                    "{'id': 2, 'sentence': '新车上市', 'keywords': null, 'label': 107, 'label_desc': 'news_car'}",
                    "{'id': 3, 'sentence': '新车上市', 'label': '107', 'label_desc': 'news_car'}"),
            "iflytek",
            List.of("{'id': 1, 'sentence': '随时叫车', 'label': 0, 'label_des': '打车'}"),
            "ocnli",
            List.of("{'id': 1, 'sentence1': '他在家', 'sentence2': '他出门了', 'label': 'contradiction'}"),
            "bustm",
            List.of("{'id': 1, 'sentence1': '放首歌', 'sentence2': '放音乐', 'label': '1'}"),
            "chid",
            List.of(chid("他#idiom#，走了"), chid("#idiom#，走了"), chid("05#idiom#，走了")),
            "csl",
            List.of("{'id': 1, 'abst': '研究了水流', 'keyword': ['水流', '模型', '实验'], 'label': '0'}"),
            "cluewsc",
            List.of(
                    "{'idx': 1, 'text': '𠀀李明说他累了', 'target': {'span1_text': '李明', 'span1_index': 1, 'span2_text': '他', "
                            + "'span2_index': 4}, 'label': 'true'}",
                    "{'idx': 2, 'text': '他说李明累了', 'target': {'span1_text': '李明', 'span1_index': 2, 'span2_text': '他', "
                            + "'span2_index': 0}, 'label': 'false'}"));

    private static String chid(String content) {
        return "{'id': 1, 'content': '" + content + "', 'candidates': ['一心一意', '二话不说', '三心二意', '四面八方', "
                + "'五花八门', '六神无主', '七上八下'], 'answer': 1}";
    }

    @TempDir
    private Path data;

    /** The task files are in the program's module, above this one. */
    private static String shipped(String name) {
        return "../configs/tasks/" + name + ".yaml";
    }

    /** Our own letters for JSON's quotes, so that rows can be read here. */
    private static String json(String row) {
        return row.replace('\'', '"');
    }

    private Path rows(String task) throws IOException {
        Path file = data.resolve(task).resolve("test_public.json");
        Files.createDirectories(data.resolve(task));
        return Files.writeString(
                file, ROWS.get(task).stream().map(HarnessExportTest::json).collect(Collectors.joining("\n")));
    }

    static Stream<Arguments> patterns() {
        return ROWS.keySet().stream()
                .sorted()
                .flatMap(name -> TaskFiles.load(shipped(name)).sets().stream()
                        .map(PatternSet::name)
                        .map(set -> Arguments.of(name, set)));
    }

    @ParameterizedTest
    @MethodSource("patterns")
    void templatesGiveWhatWeFillIn(String name, String set) throws IOException {
        rows(name);
        Task task = TaskFiles.load(shipped(name));
        List<TaskRow> rows = new TaskReader(task, data).read("test_public");
        for (TaskPattern pattern : task.patternSet(set).orElseThrow().patterns()) {
            HarnessTemplates templates = HarnessTemplates.of(task, pattern);
            PromptEncoder encoder = new PromptEncoder(task, pattern, new Letters(), 10_000);
            for (int i = 0; i < rows.size(); i++) {
                TaskRow row = rows.get(i);
                Map<String, Object> fields = JSON.readValue(json(ROWS.get(name).get(i)), new TypeReference<>() {});
                FilledPrompt filled = encoder.fill(row, List.of());
                String before = text(filled.before());
                // The harness would take it for the number of a choice.
                String moved = before.equals("05") ? before : "";
                assertThat(TinyJinja.text(templates.text(), fields)).isEqualTo(moved.isEmpty() ? before : "");
                List<String> choices = new ArrayList<>();
                encoder.words(row).forEach(word -> choices.add(moved + word + text(filled.after())));
                List<?> exported =
                        templates.words().isEmpty() ? TinyJinja.list(templates.choices(), fields) : templates.words();
                assertThat(exported).isEqualTo(choices);
                assertThat(TinyJinja.text(templates.target(), fields))
                        .isEqualTo(String.valueOf(row.gold().orElseThrow()));
            }
        }
    }

    private static String text(List<PromptSegment> segments) {
        return segments.stream().map(PromptSegment::text).collect(Collectors.joining());
    }

    @Test
    void aTaskWithTheAnswerLast() throws IOException {
        Path rows = rows("eprstmt");
        assertThat(export("article", "eprstmt").files().get("zeroclue_eprstmt.yaml"))
                .isEqualTo("""
                        # Sentiment of product reviews, positive or negative. Pattern set article of the task file eprstmt, \
                        written by moe export harness.
                        task: "zeroclue_eprstmt"
                        dataset_path: json
                        dataset_kwargs:
                          data_files:
                            test: "%s"
                        test_split: test
                        output_type: multiple_choice
                        num_fewshot: 0
                        doc_to_text: "{{ sentence }}这句话表达的是"
                        doc_to_choice: ["满意", "不满意"]
                        doc_to_target: "{{ ['Positive', 'Negative'].index(label | string) }}"
                        target_delimiter: ""
                        metric_list:
                          - metric: acc
                            aggregation: mean
                            higher_is_better: true
                          - metric: acc_norm
                            aggregation: mean
                            higher_is_better: true
                        metadata:
                          version: 1.0
                        """.formatted(rows.toAbsolutePath().normalize()));
    }

    @Test
    void aTaskWithTheAnswerInTheText() throws IOException {
        rows("chid");
        assertThat(export("article", "chid").files().get("zeroclue_chid.yaml"))
                .contains("""
                        doc_to_text: "{%% set before = (content).split('#idiom#')[0] %%}\
                        {{ '' if before.isdigit() else before }}"
                        doc_to_choice: "{%% set before = (content).split('#idiom#')[0] %%}\
                        {%% set moved = before if before.isdigit() else '' %%}\
                        {%% set after = (content).split('#idiom#')[1] %%}{{ [%s] }}"
                        doc_to_target: "{{ ['0', '1', '2', '3', '4', '5', '6'].index(answer | string) }}"
                        """.formatted(Stream.of(0, 1, 2, 3, 4, 5, 6)
                        .map(i -> "moved ~ candidates[" + i + "] ~ after")
                        .collect(Collectors.joining(", "))));
    }

    @Test
    void aRuleThatTheHarnessLacksIsSaid() throws IOException {
        rows("csl");
        assertThat(export("article", "csl").files().get("zeroclue_csl.yaml"))
                .contains("# The task file ranks by perplexity; the harness ranks by likelihood");
    }

    @Test
    void theGroupHasAllTasksAndNamesTellTheSet() throws IOException {
        rows("eprstmt");
        rows("tnews");
        assertThat(export("several", "eprstmt", "tnews").files().keySet())
                .containsExactly(
                        "zeroclue_eprstmt_several_1.yaml",
                        "zeroclue_eprstmt_several_2.yaml",
                        "zeroclue_eprstmt_several_3.yaml",
                        "zeroclue_tnews_several_1.yaml",
                        "zeroclue_tnews_several_2.yaml",
                        "zeroclue_tnews_several_3.yaml",
                        "zeroclue_several.yaml");
        Path out = data.resolve("out");
        assertThat(export("script", "eprstmt", "tnews").write(out)).hasSize(3);
        assertThat(out.resolve("zeroclue_script.yaml"))
                .content()
                .contains("group: \"zeroclue_script\"")
                .contains("  - \"zeroclue_eprstmt_script\"\n  - \"zeroclue_tnews_script\"\n")
                .contains("weight_by_size: false");
    }

    @Test
    void compressedRowsAreNamedAsTheyAre() throws IOException {
        Files.createDirectories(data.resolve("bustm"));
        Files.createFile(data.resolve("bustm/test_public.json.gz"));
        assertThat(export("article", "bustm").files().get("zeroclue_bustm.yaml"))
                .contains("test_public.json.gz\"\n");
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        assertThatThrownBy(() -> export("article", "eprstmt").files())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("task eprstmt: no file");
        rows("ocnli");
        assertThatThrownBy(() -> export("several", "ocnli").files())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("task ocnli has no pattern set 'several'; it has article, script");
    }

    @Test
    void aFieldThatJinjaCannotNameIsRefused() {
        Task task = TaskFiles.parse("mine.yaml", """
                name: mine
                data: {folder: mine}
                submission: {file: mine.json}
                slots: [{name: text, field: the text}]
                labels: [{value: a, name: 好}, {value: b, name: 坏}]
                sets: [{name: article, rule: likelihood, patterns: [{text: "{text}{label}"}]}]
                """);
        assertThatThrownBy(() ->
                        HarnessTemplates.of(task, task.sets().get(0).patterns().get(0)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("task mine: the field the text cannot be exported");
    }

    private HarnessExport export(String set, String... names) {
        return new HarnessExport(
                Stream.of(names)
                        .map(HarnessExportTest::shipped)
                        .map(TaskFiles::load)
                        .toList(),
                data,
                "test_public",
                set);
    }

    /** A token a character. */
    private record Letters() implements Tokenizer {
        @Override
        public int vocabularySize() {
            return Character.MAX_CODE_POINT + 2;
        }

        @Override
        public int[] encode(String text) {
            return text.codePoints().toArray();
        }

        @Override
        public int[] encodeContinuation(String text) {
            return encode(text);
        }

        @Override
        public String decode(int[] ids) {
            return new String(ids, 0, ids.length);
        }

        @Override
        public String piece(int id) {
            return Character.toString(id);
        }

        @Override
        public int endOfDocument() {
            return Character.MAX_CODE_POINT + 1;
        }

        @Override
        public String fingerprint() {
            return "letters";
        }

        @Override
        public void close() {}
    }
}
