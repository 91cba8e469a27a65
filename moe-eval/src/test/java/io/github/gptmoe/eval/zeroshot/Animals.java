package io.github.gptmoe.eval.zeroshot;

import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskReader;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.train.config.TaskFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A task of four labels below two classes, with a few rows of our own. */
final class Animals {
    private static final List<String> TEXTS = List.of("会飞", "会游", "很小", "很快", "叫声大", "吃草", "有羽毛", "有鳞");

    private Animals() {}

    static Task task() {
        return TaskFiles.parse(
                "animals.yaml",
                String.join(
                        "\n",
                        "name: animals",
                        "data: {folder: animals, unlabeled: unlabeled}",
                        "submission: {file: animals_predict.json}",
                        "slots:",
                        "  - {name: text, field: sentence}",
                        "labels:",
                        "  - {value: 10, name: 鸡, seeds: [羽毛]}",
                        "  - {value: 11, name: 鸭子, seeds: [飞]}",
                        "  - {value: 20, name: 鱼, seeds: [鳞]}",
                        "  - {value: 21, name: 虾, seeds: [小]}",
                        "tree:",
                        "  - {name: 鸟, labels: [10, 11]}",
                        "  - {name: 水产, labels: [20, 21]}",
                        "lexical: {method: seeds, slots: [text]}",
                        "sets:",
                        set("article", "{text}是{label}"),
                        set("script", "{label}：{text}"),
                        set("other", "看，{text}{label}"),
                        set("several", "{text}是{label}", "看，{text}{label}"),
                        ""));
    }

    private static String set(String name, String... patterns) {
        StringBuilder set = new StringBuilder("  - name: " + name + "\n    rule: likelihood\n    patterns:");
        for (String pattern : patterns) {
            set.append("\n      - {text: \"").append(pattern).append("\"}");
        }
        return set.toString();
    }

    /** Eight labelled rows in train_0 and test_public, and the same without labels in test and unlabeled. */
    static Path write(Path data) throws IOException {
        Path folder = Files.createDirectories(data.resolve("animals"));
        List<String> labelled = new ArrayList<>();
        List<String> bare = new ArrayList<>();
        List<String> values = List.of("10", "11", "20", "21");
        for (int i = 0; i < TEXTS.size(); i++) {
            String row = "{\"id\": " + 3 * i + ", \"sentence\": \"" + TEXTS.get(i) + "\"";
            labelled.add(row + ", \"label\": \"" + values.get(i % values.size()) + "\"}");
            bare.add(row + "}");
        }
        for (String split : List.of("train_0", "test_public")) {
            Files.write(folder.resolve(split + ".json"), labelled);
        }
        for (String split : List.of("test", "unlabeled")) {
            Files.write(folder.resolve(split + ".json"), bare);
        }
        return data;
    }

    static List<TaskRow> rows(Path data) {
        return new TaskReader(task(), data).read("test_public");
    }
}
