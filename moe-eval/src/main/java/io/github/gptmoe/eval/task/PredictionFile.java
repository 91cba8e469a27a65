package io.github.gptmoe.eval.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.gptmoe.data.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Predictions of a split, a JSON object a line: {@code line}, {@code id}, {@code gold} (null if unknown), {@code predicted},
 * and {@code scores} of each label. Labels are values as text.
 */
public final class PredictionFile {
    private static final String SUFFIX = ".predictions.jsonl";
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private PredictionFile() {}

    /**
     * The file's name in a folder of results.
     *
     * @param task name
     * @param split of the data
     * @return such as {@code tnews.test_public.predictions.jsonl}
     */
    public static String name(String task, String split) {
        return task + "." + split + SUFFIX;
    }

    /**
     * Whether a file has such a name.
     *
     * @param file any path
     * @return whether it is called like predictions
     */
    public static boolean isNamed(Path file) {
        Path name = file.getFileName();
        return name != null && name.toString().endsWith(SUFFIX);
    }

    /** What comes before the common ending: task and split. */
    static String title(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
    }

    /**
     * Writes predictions, replacing an older file at once.
     *
     * @param file where to
     * @param labels of the task
     * @param predictions in the order of rows
     * @throws InputException if that is not possible
     */
    public static void write(Path file, LabelSet labels, List<Prediction> predictions) {
        StringBuilder text = new StringBuilder();
        for (Prediction prediction : predictions) {
            prediction.requireWithin(labels, String.valueOf(file));
            text.append(line(labels, prediction)).append('\n');
        }
        TaskOutput.replace(file, text.toString());
    }

    private static ObjectNode line(LabelSet labels, Prediction prediction) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("line", prediction.line());
        line.set("id", prediction.id());
        line.put("gold", prediction.labelled() ? labels.values().get(prediction.gold()) : null);
        line.put("predicted", labels.values().get(prediction.predicted()));
        ObjectNode scores = line.putObject("scores");
        for (int label = 0; label < labels.size(); label++) {
            double score = prediction.scores()[label];
            Double written = Double.isFinite(score) ? score : null; // JSON has no NaN
            scores.put(labels.values().get(label), written);
        }
        return line;
    }

    /**
     * Reads predictions.
     *
     * @param file as {@link #write} wrote it
     * @return its rows
     * @throws InputException if it cannot be read, is empty, or a line is not a prediction; names the line
     */
    public static List<PredictedRow> read(Path file) {
        List<PredictedRow> rows = new ArrayList<>();
        String[] lines = text(file).split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            boolean end = i == lines.length - 1 && lines[i].isEmpty();
            if (!end) {
                rows.add(row(file, i + 1, lines[i]));
            }
        }
        if (rows.isEmpty()) {
            throw bad(file + " has no predictions; score the task again");
        }
        return List.copyOf(rows);
    }

    private static String text(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (NoSuchFileException missing) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    file + " does not exist; name a file or folder that moe zeroshot wrote",
                    missing);
        } catch (CharacterCodingException notUtf8) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION, file + " is not UTF-8 text, so no predictions", notUtf8);
        } catch (IOException unreadable) {
            throw new InputException(
                    InputException.Kind.ENVIRONMENT, file + " cannot be read: " + unreadable, unreadable);
        }
    }

    private static PredictedRow row(Path file, int number, String text) {
        String where = file + ", line " + number + ": ";
        JsonNode line = parsed(where, text);
        JsonNode at = line.path("line");
        JsonNode id = line.path("id");
        JsonNode gold = line.path("gold");
        JsonNode predicted = line.path("predicted");
        JsonNode scores = line.path("scores");
        boolean whole = at.isInt()
                && at.intValue() > 0
                && !id.isMissingNode()
                && (gold.isTextual() || gold.isNull())
                && predicted.isTextual()
                && scores.isObject();
        if (!whole) {
            throw bad(where + "not a prediction; it needs line (a number above 0), id, gold (text or null), predicted"
                    + " (text) and scores (an object)");
        }
        Map<String, Double> values = scores(where, scores);
        for (JsonNode label : List.of(gold, predicted)) {
            if (label.isTextual() && !values.containsKey(label.textValue())) {
                throw bad(where + "the label '" + label.textValue() + "' is none of those with a score: "
                        + values.keySet());
            }
        }
        return new PredictedRow(
                at.intValue(), id, gold.isNull() ? null : gold.textValue(), predicted.textValue(), values);
    }

    private static JsonNode parsed(String where, String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException notJson) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    where + "not JSON (" + notJson.getOriginalMessage() + "); the file is damaged or not one of"
                            + " predictions",
                    notJson);
        }
    }

    private static Map<String, Double> scores(String where, JsonNode scores) {
        Map<String, Double> values = new LinkedHashMap<>();
        scores.properties().forEach(score -> {
            if (!score.getValue().isNumber() && !score.getValue().isNull()) {
                throw bad(where + "the score of '" + score.getKey() + "' is no number");
            }
            values.put(
                    score.getKey(),
                    score.getValue().isNull() ? Double.NaN : score.getValue().doubleValue());
        });
        return values;
    }

    private static InputException bad(String message) {
        return new InputException(InputException.Kind.CONFIGURATION, message);
    }
}
