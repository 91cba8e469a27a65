package io.github.gptmoe.data.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecontaminatorTest {
    private static final String QUESTION = "一家公司的产品在市场上的份额逐年下降，管理层决定降价促销，结果销量上升而利润减少。";
    private static final String STORY =
            "山脚下有一座小村庄，村里的人以种茶为生。每年清明前后，漫山遍野都是采茶的歌声。" + "村口的老槐树下，老人们喝着茶，讲着从前的故事，孩子们围坐在旁边，听得入了神。";

    @TempDir
    Path folder;

    private Path rows(String... rows) throws IOException {
        return Files.writeString(folder.resolve("eval.json"), String.join("\n", rows));
    }

    private static DedupConfig config(int ngram, double overlap, int shortest, boolean cut) {
        return new DedupConfig(null, null, null, null, ngram, overlap, shortest, cut);
    }

    private Decontaminator decontaminator(DedupConfig config, List<String> fields, String... rows) throws IOException {
        return new Decontaminator(EvaluationData.read(List.of(rows(rows)), fields, config), config);
    }

    private static String row(String text) {
        return "{\"id\": 3, \"sentence\": \"" + text + "\", \"label\": \"是\"}";
    }

    @Test
    void aDocumentWithATextIsFound_howeverItIsPunctuated() throws IOException {
        Decontaminator found = decontaminator(config(13, 0.3, 13, false), List.of(), row(QUESTION));
        Contamination judged = found.judge(STORY + QUESTION.replace("，", " , ").replace("。", "\n") + STORY);
        assertThat(judged.text()).isNull();
        assertThat(judged.found()).singleElement().satisfies(row -> {
            assertThat(row.file()).endsWith("/eval.json");
            assertThat(row.line()).isEqualTo(1);
            assertThat(row.field()).isEqualTo("sentence");
            assertThat(row.share()).isEqualTo(1);
        });
        Contamination clean = found.judge(STORY);
        assertThat(clean.text()).isSameAs(STORY);
        assertThat(clean.found()).isEmpty();
    }

    @Test
    void theShareIsThatOfANaiveCount() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        Decontaminator all = decontaminator(config(5, 1e-9, 5, false), List.of("sentence"), row(QUESTION));
        String question = MatchText.of(QUESTION).toString();
        for (int i = 0; i < 50; i++) {
            int from = random.nextInt(question.length());
            int to = from + random.nextInt(question.length() - from + 1);
            String document = "甲" + question.substring(from, to) + "乙" + question.substring(0, from / 2);
            Set<String> grams = grams(question, 5);
            Set<String> shared = new HashSet<>(grams);
            shared.retainAll(grams(document, 5));
            List<Contamination.Found> found = all.judge(document).found();
            double share = found.isEmpty() ? 0 : found.get(0).share();
            assertThat(share).isEqualTo((double) shared.size() / grams.size());
        }
    }

    private static Set<String> grams(String text, int length) {
        Set<String> grams = new HashSet<>();
        for (int i = 0; i + length <= text.length(); i++) {
            grams.add(text.substring(i, i + length));
        }
        return grams;
    }

    @Test
    void sentencesAreCut_andDocumentsThatHaveLittleElseDropped() throws IOException {
        Decontaminator cut = decontaminator(config(13, 0.3, 13, true), List.of(), row(QUESTION));
        Contamination judged = cut.judge(STORY + QUESTION + "\n" + STORY);
        assertThat(judged.text()).isEqualTo(STORY + STORY);
        assertThat(judged.found()).hasSize(1);
        assertThat(cut.judge("题目：" + QUESTION + "完。").text()).isNull();
        assertThat(cut.judge(STORY).text()).isSameAs(STORY);
    }

    @Test
    void shortTextsAreLookedForIfAskedFor() throws IOException {
        String title = "北方迎来大范围降雪";
        assertThat(decontaminator(config(13, 0.3, 13, false), List.of(), row(title))
                        .judge(STORY + title)
                        .found())
                .isEmpty();
        Decontaminator shorter = decontaminator(config(13, 0.3, 8, false), List.of(), row(title), row(QUESTION));
        assertThat(shorter.judge(STORY + title + "。").found()).hasSize(1);
        assertThat(shorter.judge(STORY + "北方迎来降雪").found()).isEmpty();
    }

    @Test
    void whatManyTextsShareSaysNothing() throws IOException {
        String[] rows = new String[150];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = row("请根据下面的文章回答问题，并且选出正确的答案" + new String(Character.toChars('一' + i)).repeat(20));
        }
        DedupConfig config = config(13, 0.1, 13, false);
        EvaluationData data = EvaluationData.read(List.of(rows(rows)), List.of(), config);
        Decontaminator found = new Decontaminator(data, config);
        assertThat(found.judge(STORY + "请根据下面的文章回答问题，并且选出正确的答案。").found()).isEmpty();
        assertThat(found.judge(STORY + "正确的答案" + "丁".repeat(20)).found()).isNotEmpty();
        assertThat(data.size()).isEqualTo(300);
        assertThat(data.unsearchable()).isEqualTo(150);
    }

    @Test
    void fieldsAreChosen() throws IOException {
        String two = "{\"question\": \"" + QUESTION + "\", \"choices\": [\"" + STORY + "\", 3]}";
        assertThat(decontaminator(config(13, 0.3, 13, false), List.of("question"), two)
                        .judge(STORY)
                        .found())
                .isEmpty();
        assertThat(decontaminator(config(13, 0.3, 13, false), List.of("choices"), two)
                        .judge(STORY)
                        .found())
                .hasSize(1);
        assertThatThrownBy(() -> decontaminator(config(13, 0.3, 13, false), List.of("text"), two))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--fields");
        assertThatThrownBy(() -> EvaluationData.files(List.of(folder.resolve("none"))))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("does not exist");
    }
}
