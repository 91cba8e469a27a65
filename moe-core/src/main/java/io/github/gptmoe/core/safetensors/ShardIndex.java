package io.github.gptmoe.core.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Which file holds which tensor, where the tensors of one {@code NAME.safetensors} are spread over several: the contents of
 * {@code NAME.safetensors.index.json}, in the layout that the Hugging Face libraries use.
 *
 * <pre>{@code
 * {"metadata": {"total_size": 8589934592, "runId": "..."}, "weight_map": {"a": "weights-00001-of-00002.safetensors", ...}}
 * }</pre>
 *
 * @param metadata free text pairs, without {@code total_size}
 * @param totalBytes bytes of all tensors together
 * @param fileByTensor tensor name to plain file name, in file order
 */
public record ShardIndex(Map<String, String> metadata, long totalBytes, Map<String, String> fileByTensor) {
    private static final String SUFFIX = ".safetensors";
    private static final String INDEX_SUFFIX = SUFFIX + ".index.json";
    private static final String METADATA = "metadata";
    private static final String TOTAL_SIZE = "total_size";
    private static final String WEIGHT_MAP = "weight_map";
    // No separators, no leading dot: a name can never lead out of the folder.
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}\\.safetensors");
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * Copies the maps.
     *
     * @param metadata free text pairs
     * @param totalBytes bytes of all tensors together
     * @param fileByTensor tensor name to plain file name
     */
    public ShardIndex {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        fileByTensor = Collections.unmodifiableMap(new LinkedHashMap<>(fileByTensor));
    }

    /**
     * The name of the index of a set of tensors.
     *
     * @param name what the one file would be called, for example {@code weights.safetensors}
     * @return for example {@code weights.safetensors.index.json}
     */
    public static String indexName(String name) {
        return stem(name) + INDEX_SUFFIX;
    }

    /**
     * The name of one of the files of a set of tensors.
     *
     * @param name what the one file would be called, for example {@code weights.safetensors}
     * @param number counted from 1
     * @param count how many files there are
     * @return for example {@code weights-00001-of-00009.safetensors}
     */
    public static String shardName(String name, int number, int count) {
        return String.format(Locale.ROOT, "%s-%05d-of-%05d%s", stem(name), number, count, SUFFIX);
    }

    /**
     * Tells an index from a file of tensors by its name.
     *
     * @param fileName a file name
     * @return whether it is called like an index
     */
    public static boolean isIndexName(String fileName) {
        return fileName.endsWith(INDEX_SUFFIX);
    }

    private static String stem(String name) {
        if (!name.endsWith(SUFFIX)) {
            throw new IllegalArgumentException("not a name that ends in " + SUFFIX + ": " + name);
        }
        return name.substring(0, name.length() - SUFFIX.length());
    }

    /**
     * Reads an index.
     *
     * @param file an index file
     * @return what it says; whether the files agree is for {@link TensorFiles#open} to check
     * @throws SafetensorsException if it is not an index
     * @throws IOException if it cannot be read
     */
    public static ShardIndex read(Path file) throws IOException {
        if (Files.size(file) > Header.MAX_HEADER_BYTES) {
            throw new SafetensorsException(
                    file, null, "the index is over the limit of " + Header.MAX_HEADER_BYTES + " bytes");
        }
        try {
            return decode(file, MAPPER.readTree(Files.readAllBytes(file)));
        } catch (JsonProcessingException error) {
            throw new SafetensorsException(
                    file, null, "the index is not valid JSON: " + error.getOriginalMessage(), error);
        }
    }

    private static ShardIndex decode(Path file, JsonNode root) throws SafetensorsException {
        JsonNode total = root.path(METADATA).path(TOTAL_SIZE);
        if (!total.isIntegralNumber() || !total.canConvertToLong() || total.longValue() < 0) {
            throw new SafetensorsException(
                    file, null, "the index has no " + METADATA + "." + TOTAL_SIZE + " that is a number of bytes");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> pair : root.path(METADATA).properties()) {
            if (!pair.getKey().equals(TOTAL_SIZE)) {
                metadata.put(pair.getKey(), pair.getValue().asText());
            }
        }
        JsonNode map = root.path(WEIGHT_MAP);
        if (!map.isObject() || map.isEmpty()) {
            throw new SafetensorsException(file, null, "the index has no " + WEIGHT_MAP + " of tensor to file");
        }
        Map<String, String> files = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> pair : map.properties()) {
            if (!pair.getValue().isTextual()
                    || !PLAIN_NAME.matcher(pair.getValue().textValue()).matches()) {
                throw new SafetensorsException(
                        file, pair.getKey(), "its file in the index is not a plain name that ends in " + SUFFIX);
            }
            files.put(pair.getKey(), pair.getValue().textValue());
        }
        return new ShardIndex(metadata, total.longValue(), files);
    }

    /**
     * The bytes of the index file.
     *
     * @return UTF-8 JSON; equal indexes give equal bytes
     */
    public byte[] encode() {
        ObjectNode root = MAPPER.createObjectNode();
        ObjectNode pairs = root.putObject(METADATA);
        pairs.put(TOTAL_SIZE, totalBytes);
        metadata.forEach(pairs::put);
        ObjectNode map = root.putObject(WEIGHT_MAP);
        fileByTensor.forEach(map::put);
        return (root.toPrettyString().replace(System.lineSeparator(), "\n") + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
