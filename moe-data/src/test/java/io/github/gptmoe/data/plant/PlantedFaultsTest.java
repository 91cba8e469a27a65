package io.github.gptmoe.data.plant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.CorpusFiles;
import io.github.gptmoe.data.RowRules;
import io.github.gptmoe.data.clean.CleanConfig;
import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.dedup.DedupConfig;
import io.github.gptmoe.data.dedup.DedupRequest;
import io.github.gptmoe.data.dedup.DedupRun;
import io.github.gptmoe.data.dedup.EvaluationData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cleaning and deduplication find of planted faults, in rows drawn from words, all of which are sound. */
class PlantedFaultsTest {
    private static final List<String> WORDS = List.of(
            "春天", "院子", "老人", "孩子", "河边", "小船", "灯火", "远方", "朋友", "书信", "故事", "山路", "茶馆", "雨声", "窗外", "花香", "月光", "城市",
            "街道", "工厂", "学校", "老师", "问题", "答案", "时间", "记忆", "音乐", "歌声", "田野", "麦子", "秋风", "落叶", "炉火", "雪地", "脚印", "猎人",
            "渔夫", "市场", "价格", "车站", "火车", "旅客", "行李", "地图", "大海", "沙滩", "贝壳", "海鸥", "码头", "货物", "慢慢", "忽然", "终于", "常常",
            "仿佛", "已经", "走过", "看见", "听见", "想起", "忘记", "带来", "留下", "打开", "关上", "等待", "寻找", "发现");

    @TempDir
    Path folder;

    private final SplittableRandom random = new SplittableRandom(11);

    private String text(int sentences) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < sentences; i++) {
            int words = 5 + random.nextInt(8);
            for (int k = 0; k < words; k++) {
                text.append(WORDS.get(random.nextInt(WORDS.size()))).append(k % 4 == 3 ? "，" : "");
            }
            text.append(i % 7 == 6 ? "。\n" : "。");
        }
        return text.toString().strip();
    }

    private void write(String name, String field, int rows, int sentences) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < rows; i++) {
            lines.append(JsonMapper.builder()
                            .build()
                            .writeValueAsString(Map.of(field, text(sentences + random.nextInt(sentences)))))
                    .append('\n');
        }
        Files.createDirectories(folder.resolve(name).getParent());
        Files.write(folder.resolve(name), lines.toString().getBytes(UTF_8));
    }

    @BeforeEach
    void plant() throws IOException {
        write("corpus/a.jsonl", "text", 700, 12);
        write("corpus/b.jsonl", "text", 700, 25);
        write("eval/test.json", "sentence", 50, 2);
        List<String> evaluation = EvaluationData.texts(List.of(folder.resolve("eval/test.json")), List.of(), 30);
        new FaultPlanter(new PlantRequest(inputs("corpus"), folder.resolve("planted"), 0.08, 1, evaluation)).plant();
    }

    private List<InputFile> inputs(String name) {
        return InputFile.of(
                CorpusFiles.ofOption("--input", List.of(folder.resolve(name).toString())));
    }

    @Test
    void cleaningFindsThem_andLittleElse() {
        List<FaultScore> scores = new FaultCheck(folder.resolve("planted")).cleaning(CleanConfig.defaults());
        assertThat(scores)
                .extracting(FaultScore::kind)
                .containsExactly("html", "gbk", "gb18030", "latin", "contact", "repeated");
        for (FaultScore score : scores) {
            assertThat(score.planted()).as(score.kind()).isGreaterThan(60);
            assertThat(score.recall()).as("recall of %s", score.kind()).isEqualTo(1);
            assertThat(score.precision()).as("precision of %s", score.kind()).isEqualTo(1);
        }
        // No byte was lost in these, so all of the text comes back.
        assertThat(scores.get(0).restored()).isEqualTo(scores.get(0).planted());
        assertThat(scores.get(2).restored()).isGreaterThan(scores.get(2).planted() * 4 / 10);
    }

    @Test
    void deduplicationFindsThem_andNothingElse() {
        Path out = folder.resolve("unique");
        List<Path> against = List.of(folder.resolve("eval/test.json"));
        new DedupRun(
                        new DedupRequest(
                                inputs("planted/corpus"),
                                out,
                                DedupConfig.defaults(),
                                against,
                                List.of("sentence"),
                                RowRules.of(BadRows.FAIL),
                                2),
                        (phase, documents, fraction) -> {})
                .run();
        List<FaultScore> scores = new ArrayList<>(new FaultCheck(folder.resolve("planted")).deduplication(out, 0.8));
        assertThat(scores).extracting(FaultScore::kind).containsExactly("exact", "near", "evaluation");
        for (FaultScore score : scores) {
            assertThat(score.planted()).as(score.kind()).isGreaterThan(40);
            // Pairs near the threshold are candidates with the probability of the S-curve, 0.986 at 0.8.
            assertThat(score.recall()).as("recall of %s", score.kind()).isGreaterThanOrEqualTo(0.98);
            assertThat(score.precision()).as("precision of %s", score.kind()).isEqualTo(1);
        }
        assertThat(scores.get(0).recall()).isEqualTo(1);
        assertThat(scores.get(2).recall()).isEqualTo(1);
    }
}
