package io.github.gptmoe.data.task;

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
}
