package io.github.gptmoe.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/**
 * What was found for one row.
 *
 * @param line line of the row in its file, from 1
 * @param id as the row has it, of its JSON type
 * @param gold index of the right label, -1 if the row has none
 * @param predicted index of the label with the highest score
 * @param scores a score for each label, higher is better; owned by this record, not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // Scores are many, and never compared.
public record Prediction(int line, JsonNode id, int gold, int predicted, double[] scores) {

    /** Whether the row's label is known. */
    boolean labelled() {
        return gold >= 0;
    }

    /** Whether the right label was found; false without one. */
    boolean right() {
        return gold == predicted;
    }

    /** Throws unless the indices are those of labels and each label has a score. */
    void requireWithin(LabelSet labels, String task) {
        boolean fits = line > 0
                && gold >= -1
                && gold < labels.size()
                && predicted >= 0
                && predicted < labels.size()
                && scores.length == labels.size();
        if (!fits) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s, line %d: label %d, prediction %d and %d scores do not fit %d labels",
                    task,
                    line,
                    gold,
                    predicted,
                    scores.length,
                    labels.size()));
        }
    }
}
