package io.github.gptmoe.eval.zeroshot;

import io.github.gptmoe.data.task.TaskRow;
import io.github.gptmoe.eval.Largest;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of a split and what a model thinks of them.
 *
 * @param rows in the order of the file
 * @param scores theirs
 */
record SplitScores(List<TaskRow> rows, TaskScores scores) {
    /** For each row the label with the highest score, the first of equals. */
    int[] answers() {
        return Arrays.stream(scores.scores()).mapToInt(Largest::of).toArray();
    }
}
