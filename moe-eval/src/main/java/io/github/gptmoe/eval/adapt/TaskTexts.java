package io.github.gptmoe.eval.adapt;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.data.task.DrawnRows;
import io.github.gptmoe.data.task.Task;
import io.github.gptmoe.data.task.TaskReader;
import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.train.config.AdaptConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The rows that a task is adapted on, without labels. Rows that share a text with a test split are left out, unless test texts
 * are allowed: the official files without labels hold some of the test's sentences, and the small sets some of its abstracts.
 *
 * @param rows rows without labels, in the order of files and lines
 * @param splits where they are from
 * @param leftOut rows that were left out because a test split has their text
 */
public record TaskTexts(List<TaskRow> rows, List<String> splits, int leftOut) {
    /** Splits that stand in where a task has no file without labels. */
    private static final List<String> SMALL = List.of("train_few_all", "dev_few_all");

    /**
     * Copies the lists.
     *
     * @param rows as above
     * @param splits as above
     * @param leftOut as above
     */
    public TaskTexts {
        rows = List.copyOf(rows);
        splits = List.copyOf(splits);
    }

    /**
     * Reads the texts that a configuration allows.
     *
     * @param task the task
     * @param data the data folder
     * @param config the {@code adapt} section
     * @param tested texts that must not be used
     * @param seed of what is drawn, where there are too many
     * @return the rows; at least one
     * @throws InputException if a file is missing or a row cannot be used, or no row is left
     */
    static TaskTexts read(Task task, Path data, AdaptConfig config, TestTexts tested, long seed) {
        TaskReader reader = new TaskReader(task, data);
        List<String> splits = splits(task, reader, config);
        List<TaskRow> rows = new ArrayList<>();
        int all = 0;
        for (String split : splits) {
            for (TaskRow row : reader.read(split)) {
                all++;
                if (!tested.have(row)) {
                    rows.add(row.withoutGold());
                }
            }
        }
        if (rows.isEmpty()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "task " + task.name() + ": all " + all + " rows of " + String.join(", ", splits)
                            + " share a text with a test split; name other splits in adapt.texts");
        }
        return new TaskTexts(DrawnRows.of(rows, config.maxRows(), seed), splits, all - rows.size());
    }

    private static List<String> splits(Task task, TaskReader reader, AdaptConfig config) {
        Set<String> splits = new LinkedHashSet<>(config.texts());
        if (splits.isEmpty()) {
            String unlabeled = task.data().unlabeled();
            if (unlabeled != null && reader.has(unlabeled)) {
                splits.add(unlabeled);
            } else {
                splits.addAll(SMALL.stream().filter(reader::has).toList());
            }
        }
        if (config.testTexts()) {
            Stream.of(task.data().test(), TestTexts.TEST_PUBLIC)
                    .filter(reader::has)
                    .forEach(splits::add);
        }
        // Where nothing is there, the reader says what is missing.
        return splits.isEmpty()
                ? List.of(Objects.requireNonNullElse(task.data().unlabeled(), SMALL.get(0)))
                : List.copyOf(splits);
    }
}
