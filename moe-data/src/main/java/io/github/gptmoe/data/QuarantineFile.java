package io.github.gptmoe.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bad rows as JSON Lines: {@code file}, {@code line}, {@code byteOffset} (of the row, in the decompressed file), {@code
 * problemOffset}, {@code reason}, {@code rowBytes} and {@code row}, or {@code rowBase64} where it is not UTF-8.
 */
public final class QuarantineFile implements AutoCloseable {
    private final JsonGenerator json;

    /**
     * Replaces what is there.
     *
     * @param file where to, in a folder that exists
     * @throws IOException if that is not possible
     */
    public QuarantineFile(Path file) throws IOException {
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        json = new JsonFactory().createGenerator(out);
        json.setRootValueSeparator(new SerializedString("\n"));
    }

    /**
     * Appends a row.
     *
     * @param row a bad one
     * @throws IOException if the disk does not take it
     */
    public void add(BadRow row) throws IOException {
        json.writeStartObject();
        json.writeStringField("file", row.file().toString().replace('\\', '/'));
        json.writeNumberField("line", row.line());
        json.writeNumberField("byteOffset", row.byteOffset());
        json.writeNumberField("problemOffset", row.problemOffset());
        json.writeStringField("reason", row.reason());
        json.writeNumberField("rowBytes", row.rowBytes());
        String text = text(row.raw());
        if (text == null) {
            json.writeBinaryField("rowBase64", row.raw());
        } else {
            json.writeStringField("row", text);
        }
        json.writeEndObject();
    }

    private static @Nullable String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException binary) {
            return null;
        }
    }

    /** Ends the last line. */
    @Override
    public void close() throws IOException {
        json.writeRaw("\n");
        json.close();
    }

    /**
     * Makes one file of several that appears complete or not at all; without any, none is left there.
     *
     * @param parts in their order
     * @param target replaced if it is there
     * @throws IOException if the disk does not take it
     */
    public static void join(List<Path> parts, Path target) throws IOException {
        if (parts.isEmpty()) {
            Files.deleteIfExists(target);
            return;
        }
        Path folder = target.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Path unfinished = target.resolveSibling(target.getFileName() + ".tmp");
        try (OutputStream out = Files.newOutputStream(unfinished)) {
            for (Path part : parts) {
                Files.copy(part, out);
            }
        }
        PackFolder.force(unfinished);
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    }
}
