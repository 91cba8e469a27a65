package io.github.gptmoe.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The file {@code meta.json} of a packed corpus. {@code key} names what it was made from, {@code tokenBytes} is 2 or 4.
 */
record CorpusMeta(
        int formatVersion,
        String key,
        TokenizerMeta tokenizer,
        int tokenBytes,
        Rows rows,
        List<Source> sources,
        Split train,
        Split validation) {
    static final int FORMAT_VERSION = 1;
    static final String FILE = "meta.json";

    private static final long MAX_META_BYTES = 64 << 20;

    /** The tokenizer that made the ids. */
    record TokenizerMeta(String fingerprint, int vocabulary, int endOfDocument) {}

    /** What became of the rows of the sources. */
    record Rows(long read, long skipped, long empty) {}

    /** A source file: its role ("train" or "validation"), path as given, size on disk and hash. */
    record Source(String role, String path, long bytes, String hash) {}

    /** One token stream; {@code sha256} covers its token bytes, {@code shardTokens} counts the tokens of each file. */
    record Split(
            long tokens, long documents, long textBytes, long textCharacters, String sha256, List<Long> shardTokens) {}

    static String shardName(String split, int number) {
        return String.format(Locale.ROOT, "%s-%05d.bin", split, number);
    }

    static String indexName(String split) {
        return split + ".index";
    }

    static CorpusMeta read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (Files.size(file) > MAX_META_BYTES) {
            throw new IOException(file + " is too large");
        }
        return mapper().readValue(Files.readAllBytes(file), CorpusMeta.class);
    }

    byte[] toJson() {
        try {
            return mapper().writeValueAsBytes(this);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a record of numbers and strings has a JSON form", impossible);
        }
    }

    /** Checks the version, the key and the size of every file; says what does not fit. */
    void verify(Path folder, String expectedKey) throws IOException {
        if (formatVersion != FORMAT_VERSION || !key.equals(expectedKey) || (tokenBytes != 2 && tokenBytes != 4)) {
            throw new IOException(FILE + " is of another version or corpus");
        }
        verify(folder, TokenShards.TRAIN, train);
        verify(folder, TokenShards.VALIDATION, validation);
    }

    private void verify(Path folder, String name, Split split) throws IOException {
        long sum = 0;
        for (int shard = 0; shard < split.shardTokens().size(); shard++) {
            long tokens = split.shardTokens().get(shard);
            requireSize(folder.resolve(shardName(name, shard)), tokens * tokenBytes);
            sum += tokens;
        }
        if (sum != split.tokens()) {
            throw new IOException(FILE + " counts " + split.tokens() + " tokens, its shards hold " + sum);
        }
        requireSize(folder.resolve(indexName(name)), split.documents() * Long.BYTES);
    }

    private static void requireSize(Path file, long expected) throws IOException {
        long actual = Files.size(file);
        if (actual != expected) {
            throw new IOException(file + " has " + actual + " bytes instead of " + expected);
        }
    }

    private static ObjectMapper mapper() {
        return JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .build();
    }
}
