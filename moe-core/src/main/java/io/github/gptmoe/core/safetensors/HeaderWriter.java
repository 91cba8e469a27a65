package io.github.gptmoe.core.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lays the tensors of a new file out and encodes its header. */
final class HeaderWriter {
    private static final int ALIGNMENT = 8;

    private final Path file;
    private final Map<String, String> metadata;
    private final List<TensorSource> sources;
    private final List<TensorEntry> entries = new ArrayList<>();

    HeaderWriter(Path file, Map<String, String> metadata, List<? extends TensorSource> tensors)
            throws SafetensorsException {
        this.file = file;
        this.metadata = metadata;
        this.sources = new ArrayList<>(tensors);
        // Wide elements first (a stable sort): every tensor then starts at a multiple of its element size.
        sources.sort(Comparator.comparingInt(source -> -source.type().bytes()));
        layOut();
    }

    /** Returns the tensors in the order of their bytes in the file. */
    List<TensorSource> sources() {
        return sources;
    }

    /** Returns the entries, one for each of {@link #sources()}. */
    List<TensorEntry> entries() {
        return entries;
    }

    long dataBytes() {
        return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).end();
    }

    /** Returns length and header; padded with spaces so that the data section starts at a multiple of 8. */
    ByteBuffer encode() throws IOException {
        byte[] json = json();
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (padded > Header.MAX_HEADER_BYTES) {
            throw broken(null, "the header would have " + padded + " bytes, over the limit of 100 MB");
        }
        byte[] text = Arrays.copyOf(json, padded);
        Arrays.fill(text, json.length, padded, (byte) ' ');
        ByteBuffer header = ByteBuffer.allocate(Header.LENGTH_BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        return header.putLong(padded).put(text).flip();
    }

    private void layOut() throws SafetensorsException {
        Set<String> names = new HashSet<>();
        long next = 0;
        for (TensorSource source : sources) {
            String name = source.name();
            checkText(name, name);
            if (name.equals(Header.METADATA_KEY) || !names.add(name)) {
                throw broken(name, "the name is taken");
            }
            List<Long> shape = Arrays.stream(source.shape()).boxed().toList();
            long bytes = TensorSize.bytes(source.type(), shape);
            if (bytes < 0 || next + bytes < 0 || shape.size() > Header.MAX_DIMENSIONS) {
                throw broken(name, "shape " + shape + " cannot be stored");
            }
            entries.add(new TensorEntry(name, source.type(), shape, next, next + bytes));
            next += bytes;
        }
        for (Map.Entry<String, String> pair : metadata.entrySet()) {
            checkText(null, pair.getKey());
            checkText(null, pair.getValue());
        }
    }

    private byte[] json() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(Header.METADATA_KEY);
                for (Map.Entry<String, String> pair : metadata.entrySet()) {
                    json.writeStringField(pair.getKey(), pair.getValue());
                }
                json.writeEndObject();
            }
            for (TensorEntry entry : entries) {
                json.writeObjectFieldStart(entry.name());
                json.writeStringField("dtype", entry.type().name());
                writeNumbers(json, "shape", entry.shape());
                writeNumbers(json, "data_offsets", List.of(entry.begin(), entry.end()));
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private static void writeNumbers(JsonGenerator json, String key, List<Long> numbers) throws IOException {
        json.writeArrayFieldStart(key);
        for (long number : numbers) {
            json.writeNumber(number);
        }
        json.writeEndArray();
    }

    private void checkText(@Nullable String tensor, String text) throws SafetensorsException {
        if (!TensorSize.isUnicode(text)) {
            throw broken(tensor, "the name or metadata holds an unpaired surrogate");
        }
    }

    private SafetensorsException broken(@Nullable String tensor, String rule) {
        return new SafetensorsException(file, tensor, rule);
    }
}
