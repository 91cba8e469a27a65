package io.github.gptmoe.eval.lexical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.IntNode;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.train.config.TaskFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class LexicalBaselineTest {
    @Test
    void likeTextsAreAlike() {
        List<TaskRow> rows = List.of(
                row("今天天气怎么样", "今天的天气怎么样"), row("明天会下雨吗", "明天是不是会下雨"), row("放一首歌", "我要去上海"), row("讲个笑话", "几点了"));
        LexicalBaseline baseline = baseline("similarity, slots: [one, other], labels: [1, 0]", rows);

        assertThat(rows.stream().map(baseline::answer)).containsExactly(0, 0, 1, 1);
        rows.forEach(row ->
                assertThat(Arrays.stream(baseline.probabilities(row)).sum()).isCloseTo(1, within(1e-12)));
    }

    @Test
    void aNewNegationContradicts_andWhatIsSharedFollows() {
        List<TaskRow> rows = List.of(
                row("他昨天去了北京开会", "他没去北京"),
                row("他昨天去了北京开会", "他去了北京"),
                row("他昨天去了北京开会", "会议讨论经济"),
                row("这里不下雨", "这里不下雪"));
        LexicalBaseline baseline = baseline("entailment, slots: [one, other], labels: [1, 0, 2]", rows);

        assertThat(rows.stream().map(baseline::answer).toList().subList(0, 3)).containsExactly(2, 0, 1);
        assertThat(baseline.answer(rows.get(3)))
                .as("the premise has the negation too")
                .isNotEqualTo(2);
    }

    @Test
    void longEntriesAreTakenForTheFirstLabel() {
        List<TaskRow> rows = List.of(row("水声学、三维成像声呐", ""), row("水、声", ""), row("波束形成算法", ""), row("法、的、了", ""));
        LexicalBaseline baseline = baseline("entry-length, slots: [one], labels: [1, 0]", rows);

        assertThat(rows.stream().map(baseline::answer)).containsExactly(0, 1, 0, 1);
    }

    @Test
    void longTextsAreTakenForTheFirstLabel() {
        List<TaskRow> rows = List.of(row("王小明", ""), row("他", ""), row("李师傅", ""), row("她", ""));
        LexicalBaseline baseline = baseline("text-length, slots: [one], labels: [1, 0]", rows);

        assertThat(rows.stream().map(baseline::answer)).containsExactly(0, 1, 0, 1);
    }

    @Test
    void seedsBegin_andOtherWordsAreLearnt() {
        List<TaskRow> rows = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            rows.add(row("很好，物流飞快" + i, ""));
            rows.add(row("很坏，包装破损" + i, ""));
        }
        LexicalBaseline baseline = baseline("seeds, slots: [one]", rows);

        assertThat(baseline.answer(row("物流飞快", ""))).isZero();
        assertThat(baseline.answer(row("包装破损", ""))).isEqualTo(1);
    }

    @Test
    void labelWordsAloneBegin_whereSeedsWouldHaveSaidTheOpposite() {
        List<TaskRow> rows = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            rows.add(row("相同，坏，物流飞快" + i, ""));
            rows.add(row("不同，好，包装破损" + i, ""));
        }
        LexicalBaseline baseline = LexicalBaseline.ofLabelWords(task("lexical: {method: seeds, slots: [one]}"), rows)
                .orElseThrow();

        assertThat(baseline.answer(row("物流飞快", ""))).isZero();
        assertThat(baseline.answer(row("包装破损", ""))).isEqualTo(1);
    }

    @Test
    void aTaskMayHaveNoSignal() {
        assertThat(LexicalBaseline.of(task(""), List.of(row("一", "二")))).isEmpty();
        assertThat(LexicalBaseline.ofLabelWords(
                        task("lexical: {method: text-length, slots: [one], labels: [1, 0]}"), List.of(row("一", "二"))))
                .isEmpty();
    }

    @Test
    void coverageAndCosineAreThoseOfTheFormula() {
        TermWeights weights = new TermWeights(List.of("ab", "ac"));
        double a = Math.log(3.0 / 3);
        double b = Math.log(3.0 / 2);

        assertThat(a).isZero();
        // "ab" has a, b and ab, of which b and ab have the weight ln 1.5; "b" has b alone.
        assertThat(weights.coverage("ab", "b")).isCloseTo(1, within(1e-12));
        assertThat(weights.coverage("b", "ab")).isCloseTo(b / (2 * b), within(1e-12));
        assertThat(weights.cosine("ab", "b")).isCloseTo(b * b / Math.sqrt(2 * b * b * b * b), within(1e-12));
        assertThat(weights.cosine("ab", "xy")).isZero();
        assertThat(weights.cosine("a", "a")).as("no weight at all").isZero();
    }

    @Test
    void rankCountsEqualValuesHalf() {
        Population population = new Population(1, 2, 2, 4);

        assertThat(population.rank(0)).isZero();
        assertThat(population.rank(2)).isCloseTo((1 + 3) / 8.0, within(1e-12));
        assertThat(population.rank(3)).isCloseTo(0.75, within(1e-12));
        assertThat(population.rank(5)).isEqualTo(1);
    }

    private static LexicalBaseline baseline(String method, List<TaskRow> rows) {
        return LexicalBaseline.of(task("lexical: {method: " + method + "}"), rows)
                .orElseThrow();
    }

    private static Task task(String lexical) {
        return TaskFiles.parse(
                "pair.yaml",
                String.join(
                        "\n",
                        "name: pair",
                        "data: {folder: pair}",
                        "submission: {file: pair_predict.json}",
                        "slots:",
                        "  - {name: one, field: one}",
                        "  - {name: other, field: other}",
                        "labels:",
                        "  - {value: 1, name: 相同, seeds: [好]}",
                        "  - {value: 0, name: 不同, seeds: [坏]}",
                        "  - {value: 2, name: 矛盾, seeds: [否]}",
                        lexical,
                        "sets:",
                        "  - name: article",
                        "    rule: likelihood",
                        "    patterns:",
                        "      - {text: \"{one}{other}{label}\"}",
                        ""));
    }

    private static TaskRow row(String one, String other) {
        return new TaskRow(
                Path.of("rows.json"),
                1,
                IntNode.valueOf(1),
                Map.of("one", one, "other", other),
                List.of(),
                OptionalInt.empty());
    }
}
