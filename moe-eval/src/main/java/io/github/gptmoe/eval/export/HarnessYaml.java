package io.github.gptmoe.eval.export;

import com.fasterxml.jackson.databind.node.TextNode;
import io.github.gptmoe.data.task.PatternSet;
import io.github.gptmoe.data.task.Task;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Files of lm-evaluation-harness as text. */
final class HarnessYaml {
    /** What the harness ranks by: the sum over the tokens behind the context. */
    private static final List<String> SAME_RULES = List.of("likelihood", "tail-likelihood");

    private HarnessYaml() {}

    /** A task: one pattern of one of our tasks. */
    static String task(Task task, PatternSet set, String name, HarnessTemplates templates, Path rows) {
        StringBuilder yaml = new StringBuilder();
        yaml.append("# ")
                .append(oneLine(task.description()))
                .append(". Pattern set ")
                .append(set.name());
        yaml.append(" of the task file ").append(task.name()).append(", written by moe export harness.\n");
        if (!SAME_RULES.contains(set.rule())) {
            yaml.append("# The task file ranks by ").append(set.rule());
            yaml.append("; the harness ranks by likelihood, so its accuracy is another one.\n");
        }
        line(yaml, "task", quoted(name));
        line(yaml, "dataset_path", "json");
        yaml.append("dataset_kwargs:\n  data_files:\n    test: ")
                .append(quoted(rows.toString()))
                .append('\n');
        line(yaml, "test_split", "test");
        line(yaml, "output_type", "multiple_choice");
        line(yaml, "num_fewshot", "0");
        line(yaml, "doc_to_text", quoted(templates.text()));
        line(
                yaml,
                "doc_to_choice",
                templates.words().isEmpty()
                        ? quoted(templates.choices())
                        : templates.words().stream()
                                .map(HarnessYaml::quoted)
                                .collect(Collectors.joining(", ", "[", "]")));
        line(yaml, "doc_to_target", quoted(templates.target()));
        line(yaml, "target_delimiter", quoted(""));
        return yaml.append(metrics("metric_list", List.of("acc", "acc_norm"), "    higher_is_better: true\n"))
                .append(version())
                .toString();
    }

    /** A group: the plain mean over tasks. */
    static String group(String name, List<String> tasks) {
        StringBuilder yaml = new StringBuilder("# The plain mean over the tasks, written by moe export harness.\n");
        line(yaml, "group", quoted(name));
        yaml.append("task:\n");
        tasks.forEach(task -> yaml.append("  - ").append(quoted(task)).append('\n'));
        return yaml.append(metrics("aggregate_metric_list", List.of("acc", "acc_norm"), "    weight_by_size: false\n"))
                .append(version())
                .toString();
    }

    private static String metrics(String key, List<String> names, String more) {
        return names.stream()
                .map(name -> "  - metric: " + name + "\n    aggregation: mean\n" + more)
                .collect(Collectors.joining("", key + ":\n", ""));
    }

    private static String version() {
        return "metadata:\n  version: 1.0\n";
    }

    private static void line(StringBuilder yaml, String key, String value) {
        yaml.append(key).append(": ").append(value).append('\n');
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }

    /** A JSON string, which YAML reads alike once the line ends that only YAML knows are escaped. */
    private static String quoted(String text) {
        return TextNode.valueOf(text)
                .toString()
                .replace(String.valueOf((char) 0x2028), "\\u2028")
                .replace(String.valueOf((char) 0x2029), "\\u2029")
                .replace(String.valueOf((char) 0x85), "\\u0085");
    }
}
