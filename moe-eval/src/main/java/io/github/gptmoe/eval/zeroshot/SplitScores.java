package io.github.gptmoe.eval.zeroshot;

import io.github.gptmoe.data.task.TaskRow;
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
        int[] answers = new int[rows.size()];
        for (int row = 0; row < answers.length; row++) {
            double[] values = scores.scores()[row];
            for (int label = 1; label < values.length; label++) {
                if (values[label] > values[answers[row]]) {
                    answers[row] = label;
                }
            }
        }
        return answers;
    }
}
