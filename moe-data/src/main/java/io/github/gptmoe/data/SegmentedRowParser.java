package io.github.gptmoe.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.github.gptmoe.data.SegmentedRow.Kind;
import io.github.gptmoe.data.SegmentedRow.Segment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Turns a line such as {@code {"segments": [{"kind": "context", "text": "..."}], "weight": 1.0}} into a row. Other fields
 * of the object, such as an id, are left alone; a segment has no others. One thread at a time.
 */
final class SegmentedRowParser {
    /** Far beyond any use, and far below what makes a loss overflow. */
    private static final double LARGEST_WEIGHT = 1e6;

    private static final int MAX_NESTING = 64;

    private final StrictUtf8 utf8 = new StrictUtf8();
    private final JsonFactory json;

    SegmentedRowParser(int maxLineBytes) {
        json = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(maxLineBytes)
                        .maxNestingDepth(MAX_NESTING)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
    }

    /** Returns the row, or null for a blank line. */
    @Nullable
    SegmentedRow parse(Path file, long number, byte[] line, int length) throws BadRowException {
        if (utf8.decode(line, length).isBlank()) {
            return null;
        }
        try (JsonParser parser = json.createParser(line, 0, length)) {
            require(parser.nextToken() == JsonToken.START_OBJECT, "not a JSON object such as {\"segments\": [...]}");
            SegmentedRow row = rowOfObject(parser, file, number);
            require(parser.nextToken() == null, "more than one JSON value");
            return row;
        } catch (JsonProcessingException broken) {
            throw new BadRowException(0, "broken JSON (" + broken.getOriginalMessage() + ")");
        } catch (IOException impossible) {
            throw new IllegalStateException("reading a byte array failed", impossible);
        }
    }

    private static SegmentedRow rowOfObject(JsonParser parser, Path file, long number)
            throws IOException, BadRowException {
        List<Segment> segments = null;
        double weight = 1;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if ("segments".equals(name)) {
                require(value == JsonToken.START_ARRAY, "the field \"segments\" is not a list");
                segments = segments(parser);
            } else if ("weight".equals(name)) {
                require(value.isNumeric(), "the field \"weight\" is not a number");
                weight = parser.getDoubleValue();
            } else {
                parser.skipChildren();
            }
        }
        require(segments != null, "the JSON object has no field \"segments\"");
        require(segments != null && !segments.isEmpty(), "the list \"segments\" is empty");
        // Written so that NaN is refused as well.
        require(weight >= 0 && weight <= LARGEST_WEIGHT, "the weight " + weight + " is not between 0 and a million");
        return new SegmentedRow(file, number, List.copyOf(segments), weight);
    }

    private static List<Segment> segments(JsonParser parser) throws IOException, BadRowException {
        List<Segment> segments = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            String where = "segment " + (segments.size() + 1);
            require(parser.currentToken() == JsonToken.START_OBJECT, where + " is not a JSON object");
            segments.add(segment(parser, where));
        }
        return segments;
    }

    private static Segment segment(JsonParser parser, String where) throws IOException, BadRowException {
        Kind kind = null;
        String text = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            require(
                    parser.nextToken() == JsonToken.VALUE_STRING,
                    "the field \"" + name + "\" of " + where + " is not a string");
            switch (name) {
                case "kind" -> kind = kind(parser.getText(), where);
                case "text" -> text = parser.getText();
                default ->
                    throw new BadRowException(
                            0, where + " has the field \"" + name + "\"; it may have \"kind\" and \"text\"");
            }
        }
        if (kind == null || text == null) {
            throw new BadRowException(0, where + " has no \"" + (kind == null ? "kind" : "text") + "\"");
        }
        require(!text.isEmpty(), where + " is empty; leave it out");
        require(text.indexOf('\0') < 0, where + " contains the NUL character");
        // A pair is one code point above U+FFFF, so a surrogate seen as a code point stands alone.
        require(
                text.codePoints()
                        .noneMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE),
                where + " has half a surrogate pair");
        return new Segment(kind, text);
    }

    private static Kind kind(String word, String where) throws BadRowException {
        for (Kind kind : Kind.values()) {
            if (kind.name().toLowerCase(Locale.ROOT).equals(word)) {
                return kind;
            }
        }
        throw new BadRowException(
                0, where + " has the kind \"" + word + "\"; use \"context\", \"prompt\" or \"label\"");
    }

    private static void require(boolean holds, String otherwise) throws BadRowException {
        if (!holds) {
            throw new BadRowException(0, otherwise);
        }
    }
}
