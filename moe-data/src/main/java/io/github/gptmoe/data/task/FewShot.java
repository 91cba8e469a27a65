package io.github.gptmoe.data.task;

import io.github.gptmoe.data.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Draws labelled rows that stand as examples in a prompt. */
public final class FewShot {
    /** The split that examples are drawn from unless another is named. */
    public static final String DEFAULT_SPLIT = "train_0";

    private FewShot() {}

    /**
     * Draws rows, of each label as many as of any other as far as their number and the rows allow.
     *
     * @param task the task of the rows
     * @param rows all rows of one labelled split
     * @param count how many to draw
     * @param seed the same seed draws the same rows in the same order
     * @return {@code count} rows, no row twice, in random order
     * @throws InputException if there are fewer rows, or one has no label
     */
    public static List<TaskRow> draw(Task task, List<TaskRow> rows, int count, long seed) {
        if (count < 0 || count > rows.size()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "task " + task.name() + ": " + count + " examples are asked for, but their split has " + rows.size()
                            + " rows; ask for fewer");
        }
        Random random = new Random(seed);
        List<List<TaskRow>> byLabel = byLabel(task, rows);
        byLabel.forEach(group -> Collections.shuffle(group, random));
        Collections.shuffle(byLabel, random);
        List<TaskRow> drawn = new ArrayList<>();
        for (int round = 0; drawn.size() < count; round++) {
            for (List<TaskRow> group : byLabel) {
                if (round < group.size() && drawn.size() < count) {
                    drawn.add(group.get(round));
                }
            }
        }
        Collections.shuffle(drawn, random);
        return drawn;
    }

    private static List<List<TaskRow>> byLabel(Task task, List<TaskRow> rows) {
        List<List<TaskRow>> groups = new ArrayList<>();
        task.labels().forEach(label -> groups.add(new ArrayList<>()));
        for (TaskRow row : rows) {
            int gold = row.gold()
                    .orElseThrow(() -> new InputException(
                            InputException.Kind.CONFIGURATION,
                            row.place() + ": has no label; examples are drawn from a labelled split such as "
                                    + DEFAULT_SPLIT));
            groups.get(gold).add(row);
        }
        return groups;
    }
}
