package io.github.gptmoe.data.task;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a task's rows lie and which of their fields are no texts.
 *
 * @param folder its folder inside the data folder
 * @param id fields that may hold the row's id, the first one present counts; default {@code id}
 * @param label the field of the label; default {@code label}
 * @param choices the field with each row's own candidates, as many as the task has labels; null where all rows share the
 *     labels' words
 * @param unlabeled the split of texts without labels; null where the source has none
 * @param test the split that submissions are made from, without labels; default {@code test}
 */
public record TaskData(
        String folder,
        List<String> id,
        String label,
        @Nullable String choices,
        @Nullable String unlabeled,
        String test) {
    /**
     * Fills defaults in for nulls; {@link Task#problems()} judges the values.
     *
     * @param folder folder inside the data folder
     * @param id fields of the id
     * @param label field of the label
     * @param choices field of a row's candidates
     * @param unlabeled split of texts alone
     * @param test split without public labels
     */
    public TaskData {
        folder = folder == null ? "" : folder;
        id = id == null ? List.of("id") : List.copyOf(id);
        label = label == null ? "label" : label;
        test = test == null ? "test" : test;
    }

    /**
     * Whether rows of a split may lack a label.
     *
     * @param split its name
     * @return true for the unlabelled split and the test split
     */
    public boolean mayLackLabels(String split) {
        return split.equals(test)
                || Optional.ofNullable(unlabeled).filter(split::equals).isPresent();
    }
}
