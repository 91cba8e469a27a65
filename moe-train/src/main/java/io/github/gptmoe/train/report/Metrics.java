package io.github.gptmoe.train.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What {@code metrics.jsonl} says, also of a run that is going on or was killed. Where a step has several lines, as after a
 * resume, the last one counts. Values that are not finite, or that an older version did not write, are NaN.
 *
 * @param steps training lines by rising step
 * @param validations evaluations by rising step
 * @param unreadableLines lines left out because they are damaged; the last line of the file does not count, since a kill
 *     can cut it short
 */
public record Metrics(List<TrainingLine> steps, List<ValidationLine> validations, int unreadableLines) {

    /**
     * Reads a file.
     *
     * @param file {@code metrics.jsonl}
     * @return what it says
     * @throws UncheckedIOException if it cannot be read
     */
    public static Metrics read(Path file) {
        ObjectMapper json = ReportJson.mapper();
        SortedMap<Long, TrainingLine> steps = new TreeMap<>();
        SortedMap<Long, ValidationLine> validations = new TreeMap<>();
        int unreadable = 0;
        // Unlike Files.newBufferedReader, this reads on after bytes that are not UTF-8.
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
            String line = reader.readLine();
            while (line != null) {
                boolean read = add(line, json, steps, validations);
                line = reader.readLine();
                unreadable += read || line == null ? 0 : 1;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Metrics(List.copyOf(steps.values()), List.copyOf(validations.values()), unreadable);
    }

    private static boolean add(
            String line,
            ObjectMapper json,
            SortedMap<Long, TrainingLine> steps,
            SortedMap<Long, ValidationLine> validations) {
        try {
            JsonNode node = json.readTree(line);
            long step = node.path("step").asLong();
            if (step > 0 && node.has("lmLoss")) {
                steps.put(step, json.treeToValue(node, TrainingLine.class));
            } else if (step > 0 && node.has("validationLoss")) {
                validations.put(step, json.treeToValue(node, ValidationLine.class));
            } else {
                return false;
            }
            return true;
        } catch (IOException damaged) {
            return false;
        }
    }
}
