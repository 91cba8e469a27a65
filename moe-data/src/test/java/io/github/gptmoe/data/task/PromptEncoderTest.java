package io.github.gptmoe.data.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import io.github.gptmoe.data.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptEncoderTest {
    private final LetterTokenizer tokenizer = new LetterTokenizer();

    @Test
    void everySegmentIsEncodedAlone() {
        PromptEncoder encoder = encoder(Tasks.mood(), "article", 100);
        TaskRow row = Tasks.row(3, 1, "text", "下雨");
        ScoringPrompt prompt = encoder.scoring(row, List.of());
        assertThat(tokenizer.decode(prompt.beforeIds())).isEqualTo("$^下雨我很");
        assertThat(prompt.candidateIds()).extracting(tokenizer::decode).containsExactly("好", "不好");
        assertThat(prompt.afterIds()).isEmpty();
        assertThat(prompt.cutCharacters()).isZero();
        assertThat(prompt.tokens()).isEqualTo(8);
        assertThat(encoder.fill(row, List.of()).text("好")).isEqualTo("下雨我很好");
        assertThat(encoder.training(row, 1))
                .containsExactly(
                        new PromptSegment(SegmentKind.CONTEXT, "下雨"),
                        new PromptSegment(SegmentKind.PROMPT, "我很"),
                        new PromptSegment(SegmentKind.LABEL, "不好"));
    }

    @Test
    void aLabelInFrontBeginsTheDocument() {
        ScoringPrompt prompt = encoder(Tasks.mood(), "script", 100).scoring(Tasks.row(3, -1, "text", "下雨"), List.of());
        assertThat(tokenizer.decode(prompt.beforeIds())).isEqualTo("$");
        assertThat(prompt.candidateIds()).extracting(tokenizer::decode).containsExactly("^真", "^不");
        assertThat(tokenizer.decode(prompt.afterIds())).isEqualTo("好：下雨");
    }

    @Test
    void aLabelInTheMiddleHasTextOnBothSides() {
        TaskRow row = Tasks.row(1, 0, Map.of("first", "你好", "second", "您好"));
        ScoringPrompt prompt = encoder(Tasks.pair(), "script", 100).scoring(row, List.of());
        assertThat(tokenizer.decode(prompt.beforeIds())).isEqualTo("$^你好和您好意思");
        assertThat(tokenizer.decode(prompt.afterIds())).isEqualTo("同");
    }

    @Test
    void candidatesFillTheGap() {
        ScoringPrompt prompt = encoder(Tasks.gap(), "article", 100).scoring(gapRow("天#gap#地"), List.of());
        assertThat(tokenizer.decode(prompt.beforeIds())).isEqualTo("$^读：天");
        assertThat(prompt.candidateIds()).extracting(tokenizer::decode).containsExactly("甲甲", "乙", "丙");
        assertThat(tokenizer.decode(prompt.afterIds())).isEqualTo("地完");
    }

    /** 24 places: end and beginning, 2 of the pattern, 3 for the longest word wherever it stands; 17 of 30 characters stay. */
    @Test
    void theMiddleOfALongTextIsCut() {
        String text = "零一二三四五六七八九".repeat(3);
        ScoringPrompt prompt = encoder(Tasks.mood(), "article", 24).scoring(Tasks.row(1, 0, "text", text), List.of());
        assertThat(tokenizer.decode(prompt.beforeIds())).isEqualTo("$^零一二三四五六七八" + "二三四五六七八九" + "我很");
        assertThat(prompt.cutCharacters()).isEqualTo(13);
        assertThat(prompt.tokens()).isEqualTo(23);
        assertThat(PromptCounts.of(List.of(prompt, prompt))).isEqualTo(new PromptCounts(2, 2, 26, 0));
    }

    @Test
    void theLongerOfTwoTextsIsCut() {
        TaskRow row = Tasks.row(1, 0, Map.of("first", "短文", "second", "一二三四五六七八九十"));
        ScoringPrompt prompt = encoder(Tasks.pair(), "article", 12).scoring(row, List.of());
        assertThat(tokenizer.decode(prompt.beforeIds())).isEqualTo("$^短文/一二十=");
        assertThat(prompt.cutCharacters()).isEqualTo(7);
    }

    @Test
    void codePointsStayWhole() {
        ScoringPrompt prompt =
                encoder(Tasks.mood(), "article", 11).scoring(Tasks.row(1, 0, "text", "😀😁😂😃😄"), List.of());
        assertThat(tokenizer.decode(prompt.beforeIds())).isEqualTo("$^😀😄我很");
        assertThat(prompt.cutCharacters()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"一二三四五六七八#gap#九", "一#gap#二三四五六七八九", "一二三四#gap#五六七八九", "#gap#一二三四五六七八九"})
    void whatIsFarFromTheGapIsCut(String text) {
        ScoringPrompt prompt = encoder(Tasks.gap(), "article", 12).scoring(gapRow(text), List.of());
        String before = tokenizer.decode(prompt.beforeIds()).replace("$^读：", "");
        String after = tokenizer.decode(prompt.afterIds()).replace("完", "");
        assertThat(text).contains(before + "#gap#" + after);
        assertThat(before.length() + after.length()).isEqualTo(4);
        assertThat(prompt.cutCharacters()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 8, 9, 10, 11, 12, 13, 20})
    void everythingFitsWithTheLongestCandidate(int longest) {
        TaskRow row = Tasks.row(1, 0, Map.of("first", "一二三四五六", "second", "七八九十"));
        ScoringPrompt prompt = encoder(Tasks.pair(), "article", longest).scoring(row, List.of());
        int whole = 1 + 1 + 6 + 1 + 4 + 1;
        int reserved = 3; // a label of two characters, as it would be at the beginning
        assertThat(prompt.beforeIds().length + reserved).isLessThanOrEqualTo(longest);
        int needed = Math.max(0, whole + reserved - longest);
        assertThat(prompt.cutCharacters()).isBetween(needed, needed + needed % 2);
    }

    @Test
    void aPatternThatDoesNotFitNamesTheRow() {
        PromptEncoder encoder = encoder(Tasks.mood(), "article", 6);
        assertThatThrownBy(() -> encoder.scoring(Tasks.row(9, 0, "text", "下雨"), List.of()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("train_0.json, line 9: the pattern of task mood does not fit into 6 tokens")
                .hasMessageContaining("it needs 7");
    }

    @Test
    void unknownLabelWordsAreRefused() {
        Task task = Tasks.with(Tasks.mood(), Tasks.set("article", Tasks.pattern("{text}我{label}", "好", "龘")));
        assertThatThrownBy(() -> encoder(task, "article", 100))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("label down of task mood")
                .hasMessageContaining("'龘'");
        PromptEncoder gap = encoder(Tasks.gap(), "article", 100);
        TaskRow row = new TaskRow(
                Path.of("f"),
                2,
                IntNode.valueOf(1),
                Map.of("text", "#gap#"),
                List.of("甲", "龘", "丙"),
                OptionalInt.empty());
        assertThatThrownBy(() -> gap.scoring(row, List.of()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("candidate '龘' of f, line 2");
        Task noClass = new Task(
                "tree",
                "",
                Tasks.tree().data(),
                Tasks.tree().submission(),
                Tasks.tree().slots(),
                Tasks.tree().labels(),
                List.of(new TaskClass("植物", "龘", List.of("100", "101", "102"))),
                null,
                Tasks.tree().sets());
        assertThatThrownBy(() -> encoder(noClass, "article", 100)).hasMessageContaining("class 植物 of task tree");
    }

    @Test
    void coarseAndFineRankingShareWhatIsBeforeTheLabel() {
        Task task = Tasks.tree();
        PromptEncoder encoder = encoder(task, "article", 20);
        TaskRow row = Tasks.row(1, 0, Map.of("text", "一二三四五六七八九十", "keywords", "小、软"));
        ScoringPrompt leaves = encoder.scoring(row, List.of());
        ScoringPrompt classes = encoder.scoring(
                row, List.of(), task.tree().stream().map(TaskClass::word).toList());
        assertThat(classes.beforeIds()).isEqualTo(leaves.beforeIds());
        assertThat(classes.candidateIds()).extracting(tokenizer::decode).containsExactly("动物", "植物类的");
        assertThat(classes.tokens()).isLessThanOrEqualTo(20);
        assertThat(task.leaves()).containsExactly(List.of(0, 1), List.of(2));
    }

    @Test
    void examplesStandInFrontWithTheirLabels() {
        PromptEncoder encoder = encoder(Tasks.mood(), "article", 100);
        List<TaskRow> examples = List.of(Tasks.row(1, 1, "text", "下雨"), Tasks.row(2, 0, "text", "晴天"));
        TaskRow row = Tasks.row(3, -1, "text", "刮风");
        ScoringPrompt prompt = encoder.scoring(row, examples);
        assertThat(tokenizer.decode(prompt.beforeIds())).isEqualTo("$^下雨我很不好\n晴天我很好\n刮风我很");
        assertThat(prompt.leftOutExamples()).isZero();
        assertThat(encoder.fill(row, examples).text("好")).isEqualTo("下雨我很不好\n晴天我很好\n刮风我很好");
    }

    @Test
    void examplesThatDoNotFitAreCounted() {
        List<TaskRow> examples = List.of(
                Tasks.row(1, 1, "text", "下雨"), Tasks.row(2, 0, "text", "这是一个很长的例子"), Tasks.row(3, 0, "text", "晴天"));
        TaskRow row = Tasks.row(9, -1, "text", "刮风");
        ScoringPrompt prompt = encoder(Tasks.mood(), "article", 23).scoring(row, examples);
        assertThat(tokenizer.decode(prompt.beforeIds())).isEqualTo("$^下雨我很不好\n晴天我很好\n刮风我很");
        assertThat(prompt.leftOutExamples()).isEqualTo(1);
        assertThat(prompt.cutCharacters()).isZero();
        ScoringPrompt tight = encoder(Tasks.mood(), "article", 8).scoring(row, examples);
        assertThat(tokenizer.decode(tight.beforeIds())).isEqualTo("$^刮我很");
        assertThat(PromptCounts.of(List.of(prompt, tight))).isEqualTo(new PromptCounts(2, 1, 1, 4));
    }

    @Test
    void aRowIsNoExampleOfItself() {
        TaskRow row = Tasks.row(1, 1, "text", "下雨");
        ScoringPrompt prompt = encoder(Tasks.mood(), "article", 100).scoring(row, List.of(row));
        assertThat(tokenizer.decode(prompt.beforeIds())).isEqualTo("$^下雨我很");
        assertThat(prompt.leftOutExamples()).isEqualTo(1);
    }

    @Test
    void withoutContentOnlyThePatternIsLeft() {
        TaskRow row = Tasks.row(1, 0, Map.of("first", "你好", "second", "您好"));
        PromptEncoder encoder = encoder(Tasks.pair(), "script", 100);
        assertThat(tokenizer.decode(encoder.contentFree(row, List.of(), "无", encoder.words(row))
                        .beforeIds()))
                .isEqualTo("$^无和无意思");
        ScoringPrompt premise = encoder.contentFree(row, List.of(), "", encoder.words(row));
        assertThat(tokenizer.decode(premise.beforeIds())).isEqualTo("$^和意思");
        assertThat(premise.candidateIds()).hasSize(2);
        ScoringPrompt gap = encoder(Tasks.gap(), "article", 100)
                .contentFree(gapRow("天#gap#地"), List.of(), "无", List.of("甲甲", "乙", "丙"));
        assertThat(tokenizer.decode(gap.beforeIds())).isEqualTo("$^读：无");
        assertThat(tokenizer.decode(gap.afterIds())).isEqualTo("无完");
    }

    private PromptEncoder encoder(Task task, String set, int longest) {
        TaskPattern pattern = task.patternSet(set).orElseThrow().patterns().get(0);
        return new PromptEncoder(task, pattern, tokenizer, longest);
    }

    private static TaskRow gapRow(String text) {
        return new TaskRow(
                Path.of("f"), 2, IntNode.valueOf(1), Map.of("text", text), List.of("甲甲", "乙", "丙"), OptionalInt.of(0));
    }
}
