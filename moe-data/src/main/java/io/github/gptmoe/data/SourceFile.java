package io.github.gptmoe.data;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** A text file as its name describes it: how its rows look and how it is compressed. */
record SourceFile(Path path, Rows rows, Compression compression) {
    static final String KNOWN_NAMES = ".txt or .jsonl, plain or followed by .gz or .zst";

    enum Rows {
        TEXT,
        JSON
    }

    enum Compression {
        NONE,
        GZIP,
        ZSTANDARD
    }

    /** Reads the name; empty when it is none of {@link #KNOWN_NAMES}. */
    static Optional<SourceFile> of(Path path) {
        String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        Compression compression = Compression.NONE;
        if (name.endsWith(".gz")) {
            compression = Compression.GZIP;
            name = name.substring(0, name.length() - ".gz".length());
        } else if (name.endsWith(".zst")) {
            compression = Compression.ZSTANDARD;
            name = name.substring(0, name.length() - ".zst".length());
        }
        if (name.endsWith(".txt")) {
            return Optional.of(new SourceFile(path, Rows.TEXT, compression));
        }
        if (name.endsWith(".jsonl")) {
            return Optional.of(new SourceFile(path, Rows.JSON, compression));
        }
        return Optional.empty();
    }

    static SourceFile require(Path path) {
        return of(path).orElseThrow(() -> InputException.environment(
                path + ": unknown kind of text file; rename or convert it to " + KNOWN_NAMES));
    }

    /** Opens the file and undoes its compression; {@code raw} wraps the bytes as they lie on disk. */
    CountedStream openDecompressed() throws IOException {
        return openDecompressed(path);
    }

    /** The same of a file that lies {@code at} another path than it is called by. */
    CountedStream openDecompressed(Path at) throws IOException {
        CountingInputStream raw = new CountingInputStream(Files.newInputStream(at));
        try {
            return new CountedStream(decompress(raw), raw);
        } catch (IOException | RuntimeException | Error failed) {
            raw.close();
            throw failed;
        }
    }

    /** Undoes the compression of a file's bytes. */
    InputStream decompress(InputStream raw) throws IOException {
        return switch (compression) {
            case NONE -> raw;
            case GZIP -> new GzipMembersInputStream(raw);
            // zstd-jni asks for small pieces, which a bare file stream would turn into system calls.
            case ZSTANDARD -> new ZstdInputStream(notEmpty(new BufferedInputStream(raw, 1 << 16)));
        };
    }

    /** The library takes an empty file, as a download leaves it that failed, for one without text. */
    private static InputStream notEmpty(BufferedInputStream in) throws IOException {
        in.mark(1);
        if (in.read() < 0) {
            throw new EOFException("is empty, not a Zstandard file");
        }
        in.reset();
        return in;
    }

    /** The decompressed text, and the count of bytes it took from the disk. */
    record CountedStream(InputStream text, CountingInputStream raw) {}
}
