package io.github.gptmoe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.gptmoe.data.task.PatternSet;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskClass;
import io.github.gptmoe.data.task.TaskLabel;
import io.github.gptmoe.data.task.TaskReader;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.TaskFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The nine ZeroCLUE tasks, and, where the data lie in {@code $MOE_DATA} or beside the checkout, all their real rows. */
class ShippedTasksTest {
    private static final Logger LOGGER = LoggerFactory.getLogger(ShippedTasksTest.class);

    @Test
    void allAreInsideTheProgramAndNoConfigs() {
        assertThat(TaskFiles.names())
                .containsExactlyInAnyOrder(
                        "bustm", "chid", "cluewsc", "csl", "csldcp", "eprstmt", "iflytek", "ocnli", "tnews");
        assertThat(ConfigLoader.names()).doesNotContain("tasks", "eprstmt").contains("quickstart");
    }

    @ParameterizedTest
    @CsvSource({
        "eprstmt, 2, eprstmt_predict.json, Positive",
        "csldcp, 67, csldcp_predict.json, 力学",
        "tnews, 15, tnewsf_predict.json, 116",
        "iflytek, 119, iflytekf_predict.json, 118",
        "ocnli, 3, ocnlif_predict.json, neutral",
        "bustm, 2, bustm_predict.json, 0",
        "chid, 7, chidf_predict.json, 6",
        "csl, 2, cslf_predict.json, 1",
        "cluewsc, 2, cluewscf_predict.json, false"
    })
    void hasItsLabelsPatternsAndFile(String name, int labels, String file, String label) {
        Task task = TaskFiles.load(name);
        assertThat(task.name()).isEqualTo(name);
        assertThat(task.data().folder()).isEqualTo(name);
        assertThat(task.labels()).hasSize(labels);
        assertThat(task.labelIndex(label)).isPresent();
        assertThat(task.submission().file()).isEqualTo(file);
        assertThat(task.sets()).extracting(PatternSet::name).startsWith("article", "script");
        assertThat(task.sets().subList(0, 2))
                .allSatisfy(set -> assertThat(set.patterns()).hasSize(1));
        int words = task.data().choices() == null ? labels : 0;
        for (PatternSet set : task.sets()) {
            assertThat(set.patterns())
                    .allSatisfy(pattern -> assertThat(pattern.labelWords(task)).hasSize(words));
        }
        // The answer is last, but for the idiom, which stands in the text.
        assertThat(task.sets().get(0).patterns().get(0).text()).endsWith(words == 0 ? "{content}" : "{label}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"iflytek", "csldcp", "tnews"})
    void everyLabelIsBelowOneClassAndHasSeeds(String name) {
        Task task = TaskFiles.load(name);
        assertThat(task.tree().stream().flatMap(group -> group.labels().stream()))
                .containsExactlyInAnyOrderElementsOf(
                        task.labels().stream().map(TaskLabel::value).toList());
        assertThat(task.labels()).allSatisfy(label -> assertThat(label.seeds()).hasSizeBetween(3, 16));
        assertThat(task.tree()).extracting(TaskClass::word).doesNotHaveDuplicates();
    }

    @Test
    void patternsAreThePublishedOnes() {
        assertThat(written("eprstmt", "article")).isEqualTo("{sentence}这句话表达的是|满意,不满意");
        assertThat(written("eprstmt", "script")).isEqualTo("{sentence}|很,不");
        assertThat(written("bustm", "script")).isEqualTo("{sentence1}和{sentence2}意思同|相,不");
        assertThat(written("csl", "script")).isEqualTo("{abstract}关键词：{keywords}答案：|正确,错误");
        assertThat(written("cluewsc", "article")).isEqualTo("{text}这句话中的{span2}指的是{span1}吗？|是,不是");
        assertThat(written("ocnli", "script")).isEqualTo("{sentence1}和{sentence2}的关系是什么?|相关,无,相反");
    }

    private static String written(String name, String set) {
        Task task = TaskFiles.load(name);
        var pattern = task.patternSet(set).orElseThrow().patterns().get(0);
        return pattern.text().replace("{label}满意", "").replace("{label}", "") + "|"
                + String.join(",", pattern.labelWords(task));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bustm", "chid", "cluewsc", "csl", "csldcp", "eprstmt", "iflytek", "ocnli", "tnews"})
    void everyRealSplitReads(String name) throws IOException {
        Path data = Path.of(Optional.ofNullable(System.getenv("MOE_DATA")).orElse("../../shared/data/zeroclue"));
        assumeThat(Files.isDirectory(data))
                .as(
                        "skipped: no ZeroCLUE data at %s; name its folder in MOE_DATA",
                        data.toAbsolutePath().normalize())
                .isTrue();
        Task task = TaskFiles.load(name);
        Map<String, Integer> rowsOfSplits = new TreeMap<>();
        try (var files = Files.list(data.resolve(name))) {
            for (String file : files.map(path -> path.getFileName().toString()).toList()) {
                if (file.matches("(train|dev|test|unlabeled).*\\.json(\\.gz)?")) {
                    String split = file.substring(0, file.indexOf(".json"));
                    List<TaskRow> rows = new TaskReader(task, data).read(split);
                    rowsOfSplits.put(split, rows.size());
                    assertThat(rows)
                            .allSatisfy(row -> assertThat(row.gold().isPresent())
                                    .isEqualTo(!task.data().mayLackLabels(split)));
                }
            }
        }
        LOGGER.info("{}: {}", name, rowsOfSplits);
        assertThat(rowsOfSplits).containsKeys("train_0", "dev_0", "test_public", "test");
    }
}
