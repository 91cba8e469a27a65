package io.github.gptmoe.data.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * How predictions for the test split are written: a JSON object a line.
 *
 * @param file the file's name
 * @param field the field of the answer; default {@code label}
 * @param type how the label's value is written there; default {@code text}
 */
public record TaskSubmission(String file, String field, AnswerType type) {
    /** How a label's value is written. */
    public enum AnswerType {
        /** As a string, whatever it is in the labelled rows. */
        TEXT,
        /** As a number. */
        INTEGER
    }

    /**
     * Fills defaults in for nulls; {@link Task#problems()} judges the values.
     *
     * @param file the file's name
     * @param field field of the answer
     * @param type type of the answer
     */
    public TaskSubmission {
        file = file == null ? "" : file;
        field = field == null ? "label" : field;
        type = type == null ? AnswerType.TEXT : type;
    }

    /**
     * Writes one row.
     *
     * @param id the id of the test row, kept in its type
     * @param label the predicted label
     * @return {@code {"id": .., "label": ".."}} on one line, without the line's end
     */
    public String row(JsonNode id, TaskLabel label) {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.set("id", id);
        switch (type) {
            case TEXT -> row.put(field, label.value());
            case INTEGER -> row.put(field, Integer.parseInt(label.value()));
        }
        return row.toString();
    }
}
