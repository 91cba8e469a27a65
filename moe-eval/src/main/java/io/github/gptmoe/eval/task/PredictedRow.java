package io.github.gptmoe.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A prediction as its file has it.
 *
 * @param line line of the row in the data file, from 1
 * @param id of the row, of its JSON type
 * @param gold value of the right label, null if the row has none
 * @param predicted value of the label given
 * @param scores of each label value, in the order of labels; NaN where the file has null
 */
public record PredictedRow(int line, JsonNode id, @Nullable String gold, String predicted, Map<String, Double> scores) {

    /** Whether the right label was found; false without one. */
    boolean right() {
        return predicted.equals(gold);
    }
}
