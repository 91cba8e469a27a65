package io.github.gptmoe.data;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Streams the lines of a plain text, empty ones included. The text must be UTF-8 without NUL; lines end at LF alone, a CR
 * before it and a byte-order mark at the start are dropped, and a line may have at most {@link DocumentReader#MAX_LINE_BYTES}.
 * What cannot be read is an {@link InputException} that names the source, the line and the byte in the decompressed text.
 *
 * <p>Not for use by several threads at once.
 */
public final class TextLines implements AutoCloseable {
    private final Path source;
    private final LineReader lines;
    private final StrictUtf8 utf8 = new StrictUtf8();

    private TextLines(Path source, InputStream text) {
        this.source = source;
        this.lines = new LineReader(text, DocumentReader.MAX_LINE_BYTES);
    }

    /**
     * Opens a file.
     *
     * @param file any name; one that ends in {@code .gz} or {@code .zst} is decompressed
     * @return the lines, to be closed by the caller
     * @throws InputException if it cannot be opened
     */
    public static TextLines open(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        try {
            InputStream raw = Files.newInputStream(file);
            if (name.endsWith(".gz")) {
                return new TextLines(file, new GzipMembersInputStream(raw));
            }
            return new TextLines(
                    file, name.endsWith(".zst") ? new ZstdInputStream(new BufferedInputStream(raw, 1 << 16)) : raw);
        } catch (IOException failed) {
            throw DocumentReader.unreadable(file, failed);
        }
    }

    /**
     * Reads a stream, such as standard input.
     *
     * @param name what messages call it
     * @param text its bytes; closed by {@link #close()}
     * @return the lines
     */
    public static TextLines of(String name, InputStream text) {
        return new TextLines(Path.of(name), text);
    }

    /**
     * Reads the next line.
     *
     * @return the line without its end, or null after the last one
     */
    public @Nullable String next() {
        try {
            if (!lines.next()) {
                return null;
            }
            if (lines.tooLong()) {
                throw new BadRowException(
                        0, "the line is longer than " + DocumentReader.MAX_LINE_BYTES + " bytes; split it");
            }
            return lines.length() == 0 ? "" : utf8.decode(lines.line(), lines.length());
        } catch (BadRowException bad) {
            throw InputException.environment(Document.place(source, lines.number(), lines.offset() + bad.offsetInLine())
                    + bad.getMessage() + "; repair the text or convert it to UTF-8");
        } catch (IOException failed) {
            throw DocumentReader.unreadable("after line " + lines.number() + ", ", source, failed);
        }
    }

    /**
     * Names the line that was read last, to begin a message with.
     *
     * @return source, line and byte
     */
    public String place() {
        return Document.place(source, lines.number(), lines.offset());
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException failed) {
            throw DocumentReader.unreadable(source, failed);
        }
    }
}
