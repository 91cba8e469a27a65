package io.github.gptmoe.data.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.data.task.TaskSubmission.AnswerType;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskTest {
    @Test
    void defaults() {
        TaskData data = new TaskData("f", null, null, null, null, null);
        assertThat(data).isEqualTo(new TaskData("f", List.of("id"), "label", null, null, "test"));
        assertThat(new TaskSubmission("f.json", null, null))
                .isEqualTo(new TaskSubmission("f.json", "label", AnswerType.TEXT));
        assertThat(new TaskLabel("7", null, null, null)).isEqualTo(new TaskLabel("7", "7", null, List.of()));
        assertThat(new TaskClass("n", null, null)).isEqualTo(new TaskClass("n", "n", List.of()));
        assertThat(new TaskSlot("a", "b", null, null, null, null))
                .isEqualTo(new TaskSlot("a", "b", null, null, false, List.of()));
        assertThat(data.mayLackLabels("test")).isTrue();
        assertThat(data.mayLackLabels("unlabeled")).isFalse();
        assertThat(Tasks.data("f").mayLackLabels("unlabeled")).isTrue();
        assertThat(Tasks.data("f").mayLackLabels("test_public")).isFalse();
    }

    @Test
    void patternsChooseTheFormOfLabels() {
        Task task = Tasks.task(
                "t",
                Tasks.data("t"),
                List.of(Tasks.slot("a")),
                List.of(new TaskLabel("1", "甲类", "甲", null), new TaskLabel("2", "乙类", "乙", null)),
                List.of(),
                Tasks.set("x", Tasks.pattern("{a}{label}")));
        assertThat(task.problems()).isEmpty();
        assertThat(new TaskPattern("", null, null).labelWords(task)).containsExactly("甲类", "乙类");
        assertThat(new TaskPattern("", LabelForm.NAME, null).labelWords(task)).containsExactly("甲类", "乙类");
        assertThat(new TaskPattern("", LabelForm.SHORT, null).labelWords(task)).containsExactly("甲", "乙");
        assertThat(Tasks.pattern("", "一", "二").labelWords(task)).containsExactly("一", "二");
    }

    @Test
    void everyProblemIsFound() {
        Task task = new Task(
                "no name",
                "",
                new TaskData("", List.of(), null, null, "test", null),
                new TaskSubmission("sub/x.json", null, AnswerType.INTEGER),
                List.of(
                        Tasks.slot("label"),
                        Tasks.slot("a"),
                        new TaskSlot("a", "", ",", "#", null, List.of(new TaskSpan("", "", null, null)))),
                List.of(Tasks.label("up", "上", "好"), Tasks.label("up", "上", "好"), Tasks.label("", "")),
                List.of(
                        new TaskClass("", "", List.of()),
                        new TaskClass("甲", null, List.of("down", "up")),
                        new TaskClass("甲", null, List.of("up"))),
                new TaskLexical(TaskLexical.Method.SIMILARITY, List.of("a"), List.of("up", "down")),
                List.of(
                        new PatternSet("two words", "", List.of()),
                        new PatternSet(
                                "x",
                                "likelihood",
                                List.of(
                                        Tasks.pattern("{a"),
                                        Tasks.pattern("{b}{label}", "一", "一", ""),
                                        new TaskPattern("a}", LabelForm.SHORT, List.of("一"))))));
        assertThat(task.problems())
                .containsOnlyKeys(
                        "name",
                        "data.folder",
                        "data.id",
                        "data.unlabeled",
                        "submission.file",
                        "submission.type",
                        "slots[0].name",
                        "slots[2].name",
                        "slots[2].field",
                        "slots[2].separator",
                        "slots[2].blank",
                        "slots[2].spans[0].text",
                        "slots[2].spans[0].start",
                        "labels[1].value",
                        "labels[1].name",
                        "labels[1].seeds",
                        "labels[2].value",
                        "tree[0].name",
                        "tree[0].word",
                        "tree[0].labels",
                        "tree[1].labels",
                        "tree[2].name",
                        "tree[2].word",
                        "tree[2].labels",
                        "tree",
                        "lexical.slots",
                        "lexical.labels",
                        "sets[0].name",
                        "sets[0].rule",
                        "sets[0].patterns",
                        "sets[1].patterns[0].text",
                        "sets[1].patterns[1].text",
                        "sets[1].patterns[1].words",
                        "sets[1].patterns[2].text",
                        "sets[1].patterns[2].words",
                        "sets[1].patterns[2].form");
        assertThat(task.problems().get("sets[1].patterns[1].text")).contains("{b} is no slot; there are label,");
    }

    @Test
    void ownCandidatesLeaveNoWords() {
        Task task = Tasks.with(Tasks.gap(), Tasks.set("x", Tasks.pattern("{text}{label}", "一", "二", "三")));
        assertThat(task.problems()).containsOnlyKeys("sets[0].patterns[0].text", "sets[0].patterns[0].words");
        Task none = Tasks.with(Tasks.mood(), Tasks.set("x", Tasks.pattern("{text}", "一", "二")));
        assertThat(none.problems()).containsOnlyKeys("sets[0].patterns[0].text");
        Task braces = Tasks.with(Tasks.mood(), Tasks.set("x", Tasks.pattern("{{{text}}}{label}", "一", "二")));
        assertThat(braces.problems()).isEmpty();
        PromptEncoder encoder =
                new PromptEncoder(braces, braces.sets().get(0).patterns().get(0), new LetterTokenizer(), 50);
        assertThat(encoder.fill(Tasks.row(1, 0, "text", "雨"), List.of()).text("一"))
                .isEqualTo("{雨}一");
    }
}
