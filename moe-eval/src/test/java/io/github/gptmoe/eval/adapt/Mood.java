package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.train.config.TaskFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A task of two labels with a few rows of our own: unlabelled ones, small labelled sets, and test rows. */
public final class Mood {
    /** Stands in every test row, and in one unlabelled row. */
    public static final String SECRET = "这一句只在测试集里出现过一次";

    private Mood() {}

    public static Task task() {
        return TaskFiles.parse(
                "mood.yaml",
                String.join(
                        "\n",
                        "name: mood",
                        "data: {folder: mood, unlabeled: unlabeled}",
                        "submission: {file: mood_predict.json}",
                        "slots:",
                        "  - {name: text, field: sentence}",
                        "labels:",
                        "  - {value: up, name: 好, seeds: [好, 喜欢]}",
                        "  - {value: down, name: 坏, seeds: [坏, 讨厌]}",
                        "lexical: {method: seeds, slots: [text]}",
                        "sets:",
                        "  - name: article",
                        "    rule: likelihood",
                        "    patterns:",
                        "      - {text: \"{text}我觉得{label}\"}",
                        "  - name: script",
                        "    rule: perplexity",
                        "    patterns:",
                        "      - {text: \"{label}的东西{text}\"}",
                        ""));
    }

    /** Writes the rows; {@code swapped} exchanges all labels that are there. */
    public static Path write(Path data, boolean swapped) throws IOException {
        Path folder = Files.createDirectories(data.resolve("mood"));
        List<String> unlabeled = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            unlabeled.add(row(i, (i % 2 == 0 ? "我喜欢这个好东西" : "我讨厌这个坏东西") + i, null));
        }
        unlabeled.add(row(40, SECRET, null));
        Files.write(folder.resolve("unlabeled.json"), unlabeled);
        String first = swapped ? "down" : "up";
        String second = swapped ? "up" : "down";
        Files.write(
                folder.resolve("train_0.json"),
                List.of(row(0, "真好啊", first), row(1, "真坏啊", second), row(2, SECRET, first)));
        Files.write(
                folder.resolve("train_few_all.json"),
                List.of(row(0, "真好啊", first), row(1, "真坏啊", second), row(2, SECRET, first)));
        Files.write(folder.resolve("dev_few_all.json"), List.of(row(0, "还算好", first), row(1, "有点坏", second)));
        Files.write(folder.resolve("test_public.json"), List.of(row(0, SECRET, first), row(1, SECRET + "又一次", second)));
        Files.write(folder.resolve("test.json"), List.of(row(0, SECRET + "第三次", null)));
        return data;
    }

    private static String row(int id, String text, String label) {
        return "{\"id\": " + id + ", \"sentence\": \"" + text + "\""
                + (label == null ? "" : ", \"label\": \"" + label + "\"") + "}";
    }
}
