package io.github.gptmoe.core.safetensors;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and checks a header. Every rule of the format is enforced here: a {@link Header} that comes out is safe to use
 * as it stands.
 */
final class HeaderReader {
    private final Path file;
    private final FileChannel channel;
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, TensorEntry> entries = new LinkedHashMap<>();

    HeaderReader(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    Header read() throws IOException {
        long fileBytes = channel.size();
        long dataStart = Header.LENGTH_BYTES + headerLength(fileBytes);
        HeaderBytes bytes = new HeaderBytes(channel, Header.LENGTH_BYTES, dataStart);
        // A reader of our own, because the parser would otherwise guess the encoding and repair what it cannot decode.
        Reader text = new InputStreamReader(
                bytes, StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT));
        // Names come from strangers: no shared symbol table for them to fill or to make collide.
        JsonFactory factory = JsonFactory.builder()
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .build();
        try (JsonParser parser = factory.createParser(text)) {
            readObject(parser);
        } catch (CharacterCodingException error) {
            throw broken(null, "the header is not valid UTF-8", error);
        } catch (JacksonException error) {
            throw broken(null, "the header is not valid JSON: " + error.getOriginalMessage(), error);
        }
        List<TensorEntry> ordered = new ArrayList<>(entries.values());
        ordered.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
        checkLayout(ordered, fileBytes - dataStart);
        return new Header(Collections.unmodifiableMap(metadata), List.copyOf(ordered), dataStart);
    }

    private long headerLength(long fileBytes) throws IOException {
        if (fileBytes < Header.LENGTH_BYTES) {
            throw broken(null, "the file has " + fileBytes + " bytes, too few for the header length");
        }
        ByteBuffer start = ByteBuffer.allocate(Header.LENGTH_BYTES + 1).order(ByteOrder.LITTLE_ENDIAN);
        while (start.hasRemaining() && channel.read(start, start.position()) >= 0) {
            // A single read may be short.
        }
        long length = start.getLong(0);
        if (length < 0 || length > Header.MAX_HEADER_BYTES) {
            throw broken(
                    null,
                    "the header length " + Long.toUnsignedString(length) + " is over the limit of "
                            + Header.MAX_HEADER_BYTES + " bytes");
        }
        if (length > fileBytes - Header.LENGTH_BYTES) {
            throw broken(
                    null, "the header length " + length + " goes beyond the end of the file (" + fileBytes + " bytes)");
        }
        if (length == 0 || start.get(Header.LENGTH_BYTES) != '{') {
            throw broken(null, "the header does not start with '{'");
        }
        return length;
    }

    private void readObject(JsonParser parser) throws IOException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, null, "the header must be a JSON object");
        boolean metadataSeen = false;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            checkText(name, "a name");
            if (name.equals(Header.METADATA_KEY)) {
                if (metadataSeen) {
                    throw broken(null, "duplicate key " + Header.METADATA_KEY);
                }
                metadataSeen = true;
                readMetadata(parser);
            } else if (entries.put(name, readEntry(parser, name)) != null) {
                throw broken(name, "duplicate key: two tensors have this name");
            }
        }
        if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
            throw broken(null, "the header has content behind its JSON object");
        }
    }

    private void readMetadata(JsonParser parser) throws IOException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, null, "the metadata must be a JSON object");
        for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
            checkText(key, "a metadata key");
            expect(
                    parser.nextToken(),
                    JsonToken.VALUE_STRING,
                    null,
                    "the metadata value of " + SafetensorsException.shown(key) + " must be a string");
            String value = parser.getText();
            checkText(value, "the metadata value of " + SafetensorsException.shown(key));
            if (metadata.put(key, value) != null) {
                throw broken(null, "duplicate metadata key " + SafetensorsException.shown(key));
            }
        }
    }

    private TensorEntry readEntry(JsonParser parser, String name) throws IOException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, name, "the entry must be a JSON object");
        @Nullable SafetensorType type = null;
        @Nullable List<Long> shape = null;
        @Nullable List<Long> offsets = null;
        for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
            switch (key) {
                case "dtype" -> {
                    requireFirst(type, name, key);
                    type = readType(parser, name);
                }
                case "shape" -> {
                    requireFirst(shape, name, key);
                    shape = readNumbers(parser, name, key);
                }
                case "data_offsets" -> {
                    requireFirst(offsets, name, key);
                    offsets = readNumbers(parser, name, key);
                }
                default -> throw broken(name, "unknown key " + SafetensorsException.shown(key));
            }
        }
        if (type == null || shape == null || offsets == null) {
            throw broken(name, "the entry needs dtype, shape and data_offsets");
        }
        return checkedEntry(name, type, shape, offsets);
    }

    private SafetensorType readType(JsonParser parser, String name) throws IOException {
        expect(parser.nextToken(), JsonToken.VALUE_STRING, name, "dtype must be a string");
        String text = parser.getText();
        return SafetensorType.named(text)
                .orElseThrow(() -> broken(name, "unknown dtype " + SafetensorsException.shown(text)));
    }

    private List<Long> readNumbers(JsonParser parser, String name, String key) throws IOException {
        expect(parser.nextToken(), JsonToken.START_ARRAY, name, key + " must be an array");
        List<Long> numbers = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, name, key + " must hold whole numbers");
            if (parser.getText().startsWith("-")) {
                throw broken(name, key + " must not hold negative numbers");
            }
            if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                throw broken(name, key + " holds a number that needs more than 63 bits");
            }
            if (numbers.size() == Header.MAX_DIMENSIONS) {
                throw broken(name, key + " has more than " + Header.MAX_DIMENSIONS + " numbers");
            }
            numbers.add(parser.getLongValue());
        }
        return numbers;
    }

    private TensorEntry checkedEntry(String name, SafetensorType type, List<Long> shape, List<Long> offsets)
            throws SafetensorsException {
        if (offsets.size() != 2) {
            throw broken(name, "data_offsets must hold two numbers, not " + offsets.size());
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        if (begin > end) {
            throw broken(name, "data_offsets end before they begin: " + begin + " > " + end);
        }
        long bytes = TensorSize.bytes(type, shape);
        if (bytes < 0) {
            throw broken(name, "the size of shape " + shape + " overflows 63 bits");
        }
        if (bytes != end - begin) {
            throw broken(
                    name,
                    "shape " + shape + " of " + type + " needs " + bytes + " bytes, data_offsets give "
                            + (end - begin));
        }
        return new TensorEntry(name, type, shape, begin, end);
    }

    private void checkLayout(List<TensorEntry> ordered, long dataBytes) throws SafetensorsException {
        long next = 0;
        for (TensorEntry entry : ordered) {
            if (entry.begin() < next) {
                throw broken(
                        entry.name(), "overlaps the tensor before it: begins at " + entry.begin() + ", not " + next);
            }
            if (entry.begin() > next) {
                throw broken(
                        entry.name(), "leaves a hole in front of it: begins at " + entry.begin() + ", not " + next);
            }
            next = entry.end();
            if (next > dataBytes) {
                throw broken(
                        entry.name(), "ends at " + next + ", but the file holds only " + dataBytes + " bytes of data");
            }
        }
        if (next != dataBytes) {
            throw broken(null, (dataBytes - next) + " bytes lie behind the last tensor");
        }
    }

    private void requireFirst(@Nullable Object previous, String name, String key) throws SafetensorsException {
        if (previous != null) {
            throw broken(name, "duplicate key " + key);
        }
    }

    private void expect(@Nullable JsonToken actual, JsonToken expected, @Nullable String tensor, String rule)
            throws SafetensorsException {
        if (actual != expected) {
            throw broken(tensor, rule);
        }
    }

    /** JSON escapes can spell half a surrogate pair, which no UTF-8 file could hold again. */
    private void checkText(String text, String what) throws SafetensorsException {
        if (!TensorSize.isUnicode(text)) {
            throw broken(null, what + " holds an unpaired surrogate");
        }
    }

    private SafetensorsException broken(@Nullable String tensor, String rule) {
        return new SafetensorsException(file, tensor, rule);
    }

    private SafetensorsException broken(@Nullable String tensor, String rule, Exception cause) {
        return new SafetensorsException(file, tensor, rule, cause);
    }
}
