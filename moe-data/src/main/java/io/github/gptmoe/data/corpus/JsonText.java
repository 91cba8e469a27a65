package io.github.gptmoe.data.corpus;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** Rows {@code {"text": "..."}}, a line each. Nothing but its bytes is kept, so one object serves one group of documents. */
public final class JsonText {
    private final JsonFactory factory = new JsonFactory();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);

    /** Begins without rows. */
    public JsonText() {}

    /**
     * Appends a row of one text.
     *
     * @param text valid Unicode
     */
    public void add(String text) {
        add(Map.of("text", text));
    }

    /**
     * Appends a row.
     *
     * @param fields names and texts, in the order of the map
     */
    public void add(Map<String, String> fields) {
        try (JsonGenerator json = factory.createGenerator(bytes)) {
            json.writeStartObject();
            for (Map.Entry<String, String> field : fields.entrySet()) {
                json.writeStringField(field.getKey(), field.getValue());
            }
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to an array failed", impossible);
        }
    }

    /**
     * The rows so far.
     *
     * @return UTF-8, owned by the caller
     */
    public byte[] bytes() {
        return bytes.toByteArray();
    }
}
