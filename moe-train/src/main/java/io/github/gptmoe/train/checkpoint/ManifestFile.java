package io.github.gptmoe.train.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes {@code manifest.json}. Its last field, {@code checksum}, is the SHA-256 of all bytes in front of it,
 * so the manifest vouches for itself as it does for the other files.
 */
final class ManifestFile {
    static final String NAME = "manifest.json";

    private static final long MAX_BYTES = 256L << 20;
    private static final String CHECKSUM_FIELD = ",\n  \"checksum\" : \"";
    private static final String END = "\"\n}\n";
    private static final int HEX_DIGITS = 64;
    private static final int TAIL_BYTES = CHECKSUM_FIELD.length() + HEX_DIGITS + END.length();

    private final JsonMapper mapper = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .defaultPrettyPrinter(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")))
            .build();

    void write(Path folder, CheckpointManifest manifest, SaveObserver observer) throws IOException {
        Path file = folder.resolve(NAME);
        ByteBuffer bytes = ByteBuffer.wrap(encode(manifest));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            observer.reached(SavePoint.MANIFEST_WRITTEN, file);
            channel.force(true);
        }
        observer.reached(SavePoint.MANIFEST_SYNCED, file);
    }

    CheckpointManifest read(Path folder) {
        Path file = folder.resolve(NAME);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw damaged(file, "is missing: the folder is not a finished checkpoint", null);
        }
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw damaged(file, "has " + size + " bytes, too many for a manifest", null);
            }
            return decode(file, Files.readAllBytes(file));
        } catch (IOException error) {
            throw damaged(file, "cannot be read: " + error.getMessage(), error);
        }
    }

    byte[] encode(CheckpointManifest manifest) throws JsonProcessingException {
        String json = mapper.writeValueAsString(manifest);
        String open = json.substring(0, json.lastIndexOf('}')).stripTrailing();
        byte[] covered = open.getBytes(StandardCharsets.UTF_8);
        return (open + CHECKSUM_FIELD + checksum(covered) + END).getBytes(StandardCharsets.UTF_8);
    }

    private CheckpointManifest decode(Path file, byte[] bytes) {
        if (bytes.length < TAIL_BYTES) {
            throw damaged(file, "has only " + bytes.length + " bytes", null);
        }
        byte[] covered = Arrays.copyOf(bytes, bytes.length - TAIL_BYTES);
        String tail = new String(bytes, covered.length, TAIL_BYTES, StandardCharsets.ISO_8859_1);
        if (!tail.equals(CHECKSUM_FIELD + checksum(covered) + END)) {
            throw damaged(file, "does not match its own checksum: bytes 0 to " + (bytes.length - 1), null);
        }
        try {
            JsonNode root = mapper.readTree(new String(covered, StandardCharsets.UTF_8) + "}");
            int version = root.path("formatVersion").asInt(0);
            if (version > CheckpointManifest.FORMAT_VERSION) {
                throw new CheckpointException(
                        CheckpointException.Kind.TOO_NEW,
                        file,
                        "has format version " + version + ", this program reads up to "
                                + CheckpointManifest.FORMAT_VERSION
                                + "; use the program that wrote it, or a newer one");
            }
            if (version < 1) {
                throw damaged(file, "has no format version", null);
            }
            return mapper.treeToValue(root, CheckpointManifest.class);
        } catch (JsonProcessingException error) {
            throw damaged(file, "is not a manifest: " + error.getOriginalMessage(), error);
        }
    }

    private static String checksum(byte[] covered) {
        return HexFormat.of().formatHex(FileDigest.newSha256().digest(covered));
    }

    private static CheckpointException damaged(Path file, String what, @Nullable Throwable cause) {
        return new CheckpointException(
                CheckpointException.Kind.DAMAGED, file, what + "; " + CheckpointVerifier.REMEDY, cause);
    }
}
