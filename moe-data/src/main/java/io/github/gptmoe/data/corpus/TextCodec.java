package io.github.gptmoe.data.corpus;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/**
 * How text lies in a file. Pieces are compressed one by one and concatenated: a file of several gzip members or Zstandard frames
 * is a file of the text of all of them, and pieces can be made by several threads.
 */
public enum TextCodec {
    /** As it is. */
    NONE,
    /** gzip, RFC 1952. */
    GZIP,
    /** Zstandard, RFC 8878. */
    ZSTANDARD;

    private static final int ZSTANDARD_LEVEL = 3;

    /**
     * Reads a file name.
     *
     * @param file any
     * @return the codec of its ending
     */
    public static TextCodec of(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".gz")) {
            return GZIP;
        }
        return name.endsWith(".zst") ? ZSTANDARD : NONE;
    }

    /**
     * Makes a piece of a file.
     *
     * @param text its bytes
     * @return what to append to the file; {@code text} itself for {@link #NONE}
     */
    public byte[] pack(byte[] text) {
        return switch (this) {
            case NONE -> text;
            case GZIP -> gzip(text);
            case ZSTANDARD -> Zstd.compress(text, ZSTANDARD_LEVEL);
        };
    }

    private static byte[] gzip(byte[] text) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(text.length / 2 + 64);
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(text);
        } catch (IOException impossible) {
            throw new UncheckedIOException("writing to an array failed", impossible);
        }
        return packed.toByteArray();
    }
}
