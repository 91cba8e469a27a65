package io.github.gptmoe.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file with one JSON object a line, plain or, if its name ends in {@code .gz}, compressed. The text must be UTF-8.
 * Lines end at LF alone (U+2028 is text); a CR before it and a byte-order mark at the start are dropped, blank lines hold
 * no row. A line that is no JSON object, an object that has a field twice, and a damaged file are
 * {@link InputException}s that name file and line.
 *
 * <p>Not for use by several threads at once.
 */
public final class JsonLinesReader implements AutoCloseable {
    private final Path file;
    private final LineReader lines;
    private final StrictUtf8 utf8 = new StrictUtf8();
    private final ObjectReader json = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    private JsonLinesReader(Path file, LineReader lines) {
        this.file = file;
        this.lines = lines;
    }

    /**
     * One row.
     *
     * @param line its line in the file, from 1
     * @param fields its content
     */
    public record Row(long line, ObjectNode fields) {}

    /**
     * Opens a file.
     *
     * @param file a JSON Lines file
     * @return the reader, to be closed by the caller
     * @throws InputException if it cannot be opened
     */
    public static JsonLinesReader open(Path file) {
        try {
            InputStream raw = Files.newInputStream(file);
            boolean compressed = file.toString().toLowerCase(Locale.ROOT).endsWith(".gz");
            InputStream text = compressed ? new GzipMembersInputStream(raw) : raw;
            return new JsonLinesReader(file, new LineReader(text, DocumentReader.MAX_LINE_BYTES));
        } catch (IOException failed) {
            throw DocumentReader.unreadable(file, failed);
        }
    }

    /**
     * Reads the next row.
     *
     * @return the row, or null after the last one
     * @throws InputException if the file or the row cannot be read
     */
    public @Nullable Row next() {
        try {
            while (lines.next()) {
                String text = text();
                if (!text.isBlank()) {
                    return new Row(lines.number(), object(text));
                }
            }
            return null;
        } catch (BadRowException bad) {
            throw bad(String.valueOf(bad.getMessage()));
        } catch (IOException failed) {
            throw DocumentReader.unreadable("after line " + lines.number() + ", ", file, failed);
        }
    }

    private String text() throws BadRowException {
        if (lines.tooLong()) {
            throw new BadRowException(0, "the line is longer than " + DocumentReader.MAX_LINE_BYTES + " bytes");
        }
        return utf8.decode(lines.line(), lines.length());
    }

    private ObjectNode object(String text) throws BadRowException {
        try {
            if (json.readTree(text) instanceof ObjectNode row) {
                return row;
            }
            throw new BadRowException(0, "not a JSON object; give one {...} a line");
        } catch (JsonProcessingException broken) {
            throw new BadRowException(0, "broken JSON (" + broken.getOriginalMessage() + "); repair the row");
        }
    }

    private InputException bad(String problem) {
        return InputException.environment(file + ", line " + lines.number() + ": " + problem);
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException failed) {
            throw DocumentReader.unreadable(file, failed);
        }
    }
}
