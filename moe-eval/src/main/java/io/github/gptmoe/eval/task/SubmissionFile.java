package io.github.gptmoe.eval.task;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What a leaderboard expects as one file of a submission.
 *
 * @param name official file name
 * @param key of the answer in each object, such as "label"
 * @param wholeNumbers whether the answer is a JSON number; otherwise it is text, digits too
 * @param ids of the rows in order, of their JSON types
 * @param labels values that an answer may have, as text
 */
public record SubmissionFile(String name, String key, boolean wholeNumbers, List<JsonNode> ids, List<String> labels) {
    /**
     * Rejects what cannot be written.
     *
     * @param name as above
     * @param key as above
     * @param wholeNumbers as above
     * @param ids as above
     * @param labels as above
     * @throws IllegalArgumentException if the name has folders, the key is {@code id}, or a label is no number where one is
     *     needed
     */
    public SubmissionFile {
        ids = List.copyOf(ids);
        labels = List.copyOf(labels);
        if (!name.matches("[A-Za-z0-9_.-]+") || key.equals("id")) {
            throw new IllegalArgumentException("no submission file: " + name + ", key " + key);
        }
        if (wholeNumbers && !labels.stream().allMatch(label -> label.matches("0|[1-9][0-9]{0,8}"))) {
            throw new IllegalArgumentException(name + ": labels are no whole numbers: " + labels);
        }
    }
}
