package io.github.gptmoe.eval.task;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/**
 * What others have reported on the same tasks; figures and sources lie in the resource {@code published.json}.
 *
 * @param tasks names, in the order of the figures
 * @param note what the figures are
 * @param rows one for each model
 */
public record PublishedScores(List<String> tasks, String note, List<Row> rows) {

    /**
     * One model.
     *
     * @param model name
     * @param source where the figures stand
     * @param score mean over the tasks as the source gives it, in percent
     * @param accuracy of each task in percent
     */
    public record Row(String model, String source, double score, List<Double> accuracy) {}

    /**
     * Rejects a row that has not a figure for each task.
     *
     * @param tasks as above
     * @param note as above
     * @param rows as above
     */
    public PublishedScores {
        tasks = List.copyOf(tasks);
        rows = List.copyOf(rows);
        for (Row row : rows) {
            if (row.accuracy().size() != tasks.size()) {
                throw new IllegalArgumentException(
                        row.model() + " has " + row.accuracy().size() + " figures for " + tasks.size() + " tasks");
            }
        }
    }

    /**
     * The figures shipped with the program.
     *
     * @return all rows
     */
    public static PublishedScores shipped() {
        try (InputStream in = Objects.requireNonNull(PublishedScores.class.getResourceAsStream("published.json"))) {
            return new ObjectMapper().readValue(in, PublishedScores.class);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Accuracy of a row, from 0 to 1; NaN for a task that nobody has published. */
    double accuracy(Row row, String task) {
        int at = tasks.indexOf(task);
        return at < 0 ? Double.NaN : row.accuracy().get(at) / 100;
    }
}
