package io.github.gptmoe.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Turns the bytes of a line into the text of a document. One thread at a time. */
final class RowParser {
    private static final int MAX_NESTING = 64;

    private final StrictUtf8 utf8 = new StrictUtf8();
    private final JsonFactory json;

    RowParser(int maxLineBytes) {
        // Jackson's own limits, 20 million characters of a string and 1,000 of a number, would reject lines that are
        // JSON.
        // Numbers are passed over, never computed, so a long one costs no more than another text.
        json = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(maxLineBytes)
                        .maxNumberLength(maxLineBytes)
                        .maxNameLength(maxLineBytes)
                        .maxNestingDepth(MAX_NESTING)
                        .build())
                .build();
    }

    /** Returns the text, or null for a blank line. */
    @Nullable
    String parse(SourceFile.Rows rows, byte[] line, int length) throws BadRowException {
        String decoded = utf8.decode(line, length);
        if (decoded.isBlank()) {
            return null;
        }
        if (rows == SourceFile.Rows.TEXT) {
            return decoded;
        }
        String text = parseJson(line, length);
        rejectLoneSurrogates(text);
        return text;
    }

    /** Parses the bytes, not the decoded text, because then Jackson's positions are byte offsets. */
    private String parseJson(byte[] line, int length) throws BadRowException {
        try (JsonParser parser = json.createParser(line, 0, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new BadRowException(0, "not a JSON object such as {\"text\": \"...\"}");
            }
            String text = textOfObject(parser);
            if (parser.nextToken() != null) {
                throw new BadRowException(parser.currentTokenLocation().getByteOffset(), "more than one JSON value");
            }
            if (text == null) {
                throw new BadRowException(0, "the JSON object has no field \"text\"");
            }
            return text;
        } catch (JsonProcessingException broken) {
            long at = broken.getLocation() == null
                    ? 0
                    : Math.max(0, broken.getLocation().getByteOffset());
            boolean cutOff = broken instanceof JsonEOFException;
            String what = cutOff ? "the line ends in the middle of the object" : broken.getOriginalMessage();
            throw new BadRowException(at, "broken JSON (" + what + ")");
        } catch (IOException impossible) {
            throw new IllegalStateException("reading a byte array failed", impossible);
        }
    }

    private static @Nullable String textOfObject(JsonParser parser) throws IOException, BadRowException {
        String text = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (!"text".equals(name)) {
                parser.skipChildren();
                continue;
            }
            long at = parser.currentTokenLocation().getByteOffset();
            if (value != JsonToken.VALUE_STRING) {
                throw new BadRowException(at, "the field \"text\" is not a string");
            }
            if (text != null) {
                throw new BadRowException(at, "the field \"text\" occurs twice");
            }
            text = parser.getText();
            if (text.indexOf('\0') >= 0) {
                throw new BadRowException(at, "the field \"text\" contains the NUL character");
            }
        }
        return text;
    }

    /** Only JSON escapes can bring these in; they have no UTF-8 form, so a tokenizer would see something else. */
    private static void rejectLoneSurrogates(String text) throws BadRowException {
        // A pair is one code point above U+FFFF, so a surrogate seen as a code point stands alone.
        if (text.codePoints().anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)) {
            throw new BadRowException(0, "the field \"text\" has half a surrogate pair");
        }
    }
}
