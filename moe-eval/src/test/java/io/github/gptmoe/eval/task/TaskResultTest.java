package io.github.gptmoe.eval.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import io.github.gptmoe.eval.task.Confusion.Mistake;
import io.github.gptmoe.train.report.ReportJson;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskResultTest {
    private static final LabelSet THREE = LabelSet.of(List.of("a", "b", "c"));

    /** a: 3 rows, 2 right, 1 taken for b; b: 2 rows, 1 right, 1 taken for a; c never occurs. */
    private static TaskResult result() {
        return TaskResult.of(Rows.facts("opinion"), THREE, Rows.of(THREE, new int[][] {
            {0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}
        }));
    }

    @Test
    void asCountedByHand() {
        TaskResult result = result();
        assertThat(result.n()).isEqualTo(5);
        assertThat(result.labelled()).isEqualTo(5);
        assertThat(result.accuracy()).isEqualTo(0.6);
        assertThat(result.perLabel().get("a")).isEqualTo(new LabelResult("a", 3, 3, 2, 2.0 / 3, 2.0 / 3, 4.0 / 6));
        assertThat(result.perLabel().get("b")).isEqualTo(new LabelResult("b", 2, 2, 1, 0.5, 0.5, 0.5));
        LabelResult absent = result.perLabel().get("c");
        assertThat(absent.precision()).isNaN();
        assertThat(absent.recall()).isNaN();
        assertThat(absent.f1()).isNaN();
        assertThat(result.macroF1()).isCloseTo((4.0 / 6 + 0.5) / 2, within(1e-15));
        assertThat(result.baselines()).isEqualTo(new Baselines(0.6, "a", 1.0 / 3, 0.75, 0.5));
        assertThat(result.confusion().counts()).containsExactly(List.of(2, 1, 0), List.of(1, 1, 0), List.of(0, 0, 0));
        assertThat(result.interval().contains(0.6)).isTrue();
        assertThat(result).isEqualTo(result());
    }

    /** A label that no row has but that was given counts against the mean, with F1 0. */
    @Test
    void givenLabelsCountInTheMeanF1() {
        TaskResult result = TaskResult.of(Rows.facts("x"), THREE, Rows.of(THREE, new int[][] {{0, 0}, {0, 2}, {1, 1}}));
        assertThat(result.perLabel().get("c").f1()).isZero();
        assertThat(result.macroF1()).isCloseTo((2.0 / 3 + 1 + 0) / 3, within(1e-15));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 0.5, 0.93, 1})
    void theIntervalHoldsTheAccuracy(double accuracy) {
        for (int rows : new int[] {1, 7, 100, 500}) {
            TaskResult result = TaskResult.of(Rows.facts("x"), THREE, Rows.random(THREE, rows, accuracy, rows));
            assertThat(result.interval().contains(result.accuracy())).isTrue();
            assertThat(result.interval().low()).isBetween(0.0, 1.0);
            assertThat(result.interval().high()).isBetween(0.0, 1.0);
        }
    }

    @Test
    void theOrderOfRowsDoesNotMatter() {
        List<Prediction> rows = Rows.random(THREE, 50, 0.5, 3);
        List<Prediction> reversed =
                rows.stream().sorted((a, b) -> b.line() - a.line()).toList();
        assertThat(TaskResult.of(Rows.facts("x"), THREE, reversed))
                .isEqualTo(TaskResult.of(Rows.facts("x"), THREE, rows));
    }

    @Test
    void topMistakesInOrder() {
        Confusion confusion =
                Confusion.of(THREE, Rows.of(THREE, new int[][] {{0, 1}, {2, 0}, {2, 0}, {1, 0}, {1, 1}, {1, 1}, {1, 1}
                }));
        assertThat(confusion.top(10)).containsExactly(new Mistake(2, 0, 2), new Mistake(0, 1, 1), new Mistake(1, 0, 1));
        assertThat(confusion.top(1)).containsExactly(new Mistake(2, 0, 2));
    }

    /** Fields that scripts rely on. */
    @Test
    void jsonHasTheContractsFields() {
        JsonNode json = ReportJson.mapper().valueToTree(result());
        assertThat(json.get("task").textValue()).isEqualTo("opinion");
        assertThat(json.get("split").textValue()).isEqualTo("test_public");
        assertThat(json.get("n").intValue()).isEqualTo(5);
        assertThat(json.get("accuracy").doubleValue()).isEqualTo(0.6);
        assertThat(json.get("rule").textValue()).isEqualTo("likelihood");
        assertThat(json.get("seconds").doubleValue()).isEqualTo(2.5);
        assertThat(json.get("promptsPerSecond").doubleValue()).isEqualTo(40);
        assertThat(json.get("perLabel").get("a").get("recall").doubleValue()).isEqualTo(2.0 / 3);
        assertThat(json.get("perLabel").get("c").get("recall").isNull()).isTrue();
        assertThat(json.get("cutRows").intValue()).isEqualTo(3);
        assertThat(json.get("interval").get("low").isNumber()).isTrue();
        assertThat(json.get("baselines").get("lexical").doubleValue()).isEqualTo(0.75);
        assertThat(json.get("baselines").get("labelWords").doubleValue()).isEqualTo(0.5);
        assertThat(json.get("confusion").get("counts").get(0).get(1).intValue()).isEqualTo(1);
        assertThat(json.has("measured")).isFalse();
    }

    @Test
    void rowsWithoutLabelsAreCountedButNotMeasured() {
        TaskResult none = TaskResult.of(Rows.facts("x"), THREE, Rows.of(THREE, new int[][] {{-1, 0}, {-1, 1}}));
        assertThat(none.measured()).isFalse();
        assertThat(none.n()).isEqualTo(2);
        assertThat(none.accuracy()).isNaN();
        assertThat(none.macroF1()).isNaN();
        assertThat(none.baselines().majority()).isNaN();
        assertThat(ReportJson.mapper().valueToTree(none).get("accuracy").isNull())
                .isTrue();
        TaskResult some = TaskResult.of(Rows.facts("x"), THREE, Rows.of(THREE, new int[][] {{-1, 0}, {1, 1}}));
        assertThat(some.n()).isEqualTo(2);
        assertThat(some.labelled()).isEqualTo(1);
        assertThat(some.accuracy()).isEqualTo(1);
    }

    @Test
    void badInput() {
        assertThatThrownBy(() -> TaskResult.of(Rows.facts("x"), THREE, List.of()))
                .hasMessage("x: no predictions");
        Prediction outside = new Prediction(4, IntNode.valueOf(1), 3, 0, new double[3]);
        assertThatThrownBy(() -> TaskResult.of(Rows.facts("x"), THREE, List.of(outside)))
                .hasMessageContaining("x, line 4: label 3")
                .hasMessageContaining("do not fit 3 labels");
        Prediction unscored = new Prediction(5, IntNode.valueOf(1), 0, 0, new double[2]);
        assertThatThrownBy(() -> TaskResult.of(Rows.facts("x"), THREE, List.of(unscored)))
                .hasMessageContaining("x, line 5")
                .hasMessageContaining("2 scores");
        assertThatThrownBy(() -> LabelSet.of(List.of("a", "a"))).hasMessageContaining("each once");
        assertThatThrownBy(() -> new LabelSet(List.of("a", "b"), List.of("A"))).hasMessage("1 names for 2 labels");
    }

    @Test
    void textForATerminal() {
        String text = TaskText.of(result());
        assertThat(text)
                .contains("opinion, test_public: 5 rows, rule likelihood, 2.5 s, 40.0 prompts/s, 3 texts cut")
                .contains("accuracy 60.0 % (95 %: ")
                .contains("lexical 75.0 (label words alone 50.0), commonest label 60.0 (a), random 33.3")
                .contains("a         a     3      3       66.7    66.7  66.7\n")
                .contains("c         c     0      0          –       –     –\n")
                .contains("  a taken for b: 1 of 3\n  b taken for a: 1 of 2\n");
        TaskResult none = TaskResult.of(Rows.facts("x"), THREE, Rows.of(THREE, new int[][] {{-1, 0}}));
        assertThat(TaskText.of(none)).contains("no labels are known").doesNotContain("accuracy NaN");
    }

    @Test
    void manyLabelsAreLeftToThePage() {
        LabelSet many =
                LabelSet.of(IntStream.range(0, 119).mapToObj(String::valueOf).toList());
        TaskResult result = TaskResult.of(Rows.facts("many"), many, Rows.random(many, 300, 0.5, 1));
        assertThat(TaskText.of(result))
                .contains("119 labels: see the page or --json")
                .hasLineCount(14);
    }
}
