package io.github.gptmoe.data.task;

import com.fasterxml.jackson.databind.node.IntNode;
import io.github.gptmoe.data.task.TaskSubmission.AnswerType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Tasks of the kinds there are: one text, two texts, own candidates in a gap, marked spans, a label tree. */
final class Tasks {
    private Tasks() {}

    static TaskData data(String folder) {
        return new TaskData(folder, null, null, null, "unlabeled", null);
    }

    static TaskSlot slot(String name) {
        return new TaskSlot(name, name, null, null, null, null);
    }

    static TaskLabel label(String value, String name, String... seeds) {
        return new TaskLabel(value, name, null, List.of(seeds));
    }

    static TaskPattern pattern(String text, String... words) {
        return new TaskPattern(text, null, List.of(words));
    }

    static PatternSet set(String name, TaskPattern... patterns) {
        return new PatternSet(name, "likelihood", List.of(patterns));
    }

    static Task task(
            String name,
            TaskData data,
            List<TaskSlot> slots,
            List<TaskLabel> labels,
            List<TaskClass> tree,
            PatternSet... sets) {
        TaskSubmission submission = new TaskSubmission(name + "_predict.json", null, null);
        return new Task(name, "for tests", data, submission, slots, labels, tree, null, List.of(sets));
    }

    static Task mood() {
        return task(
                "mood",
                data("mood"),
                List.of(slot("text")),
                List.of(label("up", "开心", "哈哈"), label("down", "难过", "唉")),
                List.of(),
                set("article", pattern("{text}我很{label}", "好", "不好")),
                set("script", pattern("{label}好：{text}", "真", "不")));
    }

    static Task pair() {
        return task(
                "pair",
                data("pair"),
                List.of(slot("first"), slot("second")),
                List.of(label("1", "相同"), label("0", "不同")),
                List.of(),
                set("article", pattern("{first}/{second}={label}")),
                set("script", pattern("{first}和{second}意思{label}同", "相", "不")));
    }

    static Task gap() {
        TaskData data = new TaskData("gap", null, "answer", "choices", null, null);
        TaskSlot slot = new TaskSlot("text", "text", null, "#gap#", null, null);
        Task base = task(
                "gap",
                data,
                List.of(slot),
                List.of(label("0", null), label("1", null), label("2", null)),
                List.of(),
                set("article", pattern("读：{text}完")));
        return new Task(
                base.name(),
                base.description(),
                data,
                new TaskSubmission("gapf_predict.json", "answer", AnswerType.INTEGER),
                base.slots(),
                base.labels(),
                base.tree(),
                base.lexical(),
                base.sets());
    }

    static Task spans() {
        TaskSlot marked = new TaskSlot(
                "marked",
                "text",
                null,
                null,
                null,
                List.of(
                        new TaskSpan("target.noun", "target.at", "[", "]"),
                        new TaskSpan("target.pronoun", "target.from", "_", "_")));
        TaskData data = new TaskData("spans", List.of("idx", "id"), null, null, null, null);
        return task(
                "spans",
                data,
                List.of(slot("text"), new TaskSlot("noun", "target.noun", null, null, null, null), marked),
                List.of(label("true", "是"), label("false", "否")),
                List.of(),
                set("article", pattern("{marked}指{noun}吗？{label}")));
    }

    static Task tree() {
        return task(
                "tree",
                data("tree"),
                List.of(slot("text"), new TaskSlot("keywords", "keywords", "、", null, true, null)),
                List.of(label("100", "猫"), label("101", "老虎"), label("102", "松树")),
                List.of(new TaskClass("动物", null, List.of("100", "101")), new TaskClass("植物", "植物类的", List.of("102"))),
                set("article", pattern("{text}（{keywords}）是{label}")));
    }

    static Task with(Task task, PatternSet... sets) {
        return new Task(
                task.name(),
                task.description(),
                task.data(),
                task.submission(),
                task.slots(),
                task.labels(),
                task.tree(),
                task.lexical(),
                List.of(sets));
    }

    static TaskRow row(int line, int gold, String slot, String text) {
        return row(line, gold, Map.of(slot, text));
    }

    static TaskRow row(int line, int gold, Map<String, String> slots) {
        return new TaskRow(
                Path.of("data", "train_0.json"),
                line,
                IntNode.valueOf(line),
                slots,
                List.of(),
                gold < 0 ? OptionalInt.empty() : OptionalInt.of(gold));
    }

    static Path write(Path data, String folder, String file, String... lines) throws IOException {
        Files.createDirectories(data.resolve(folder));
        return Files.writeString(data.resolve(folder).resolve(file), String.join("\n", lines) + "\n");
    }
}
