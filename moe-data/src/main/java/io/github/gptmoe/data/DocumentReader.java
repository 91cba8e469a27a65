package io.github.gptmoe.data;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdIOException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Streams the documents of several files, in order, without holding more than one line.
 *
 * <p>The text must be UTF-8. Lines end at LF alone (U+2028 is text); a CR before it and a byte-order mark at the start
 * of a file are dropped; blank lines and rows with blank text are no documents. A line may have at most 64 MiB. Reading
 * stops with an {@link InputException} that names file, line and byte offset in the decompressed text at a damaged or
 * truncated file, and, depending on {@link BadRows}, at a row that cannot be used.
 *
 * <p>Not for use by several threads at once.
 */
public final class DocumentReader implements AutoCloseable {
    /** The longest line that is read. */
    public static final int MAX_LINE_BYTES = 64 << 20;

    private final Deque<SourceFile> waiting = new ArrayDeque<>();
    private final RowCounts counts;
    private final RowLimit limit;
    private final DocumentRows parser;
    private Position start;
    private Position end = Position.START;
    private @Nullable Path at;
    private @Nullable SourceFile file;
    private @Nullable LineReader lines;
    private @Nullable CountingInputStream raw;
    private long closedFileBytes;

    /** The place of a line: where it begins in the decompressed file, and how many lines are before it. */
    record Position(long byteOffset, long linesBefore) {
        static final Position START = new Position(0, 0);
    }

    private DocumentReader(Collection<Path> files, RowCounts counts, RowLimit limit, Position start) {
        files.forEach(path -> waiting.add(SourceFile.require(path)));
        this.limit = limit;
        this.counts = counts;
        this.parser = new DocumentRows(limit, counts);
        this.start = start;
    }

    /**
     * Makes a reader; files are opened one after the other while reading.
     *
     * @param files text files, named {@code .txt} or {@code .jsonl}, plain or with a further {@code .gz} or {@code .zst}
     * @param policy what to do with rows that cannot be used
     * @return the reader
     */
    public static DocumentReader open(Collection<Path> files, BadRows policy) {
        return open(files, policy, MAX_LINE_BYTES);
    }

    static DocumentReader open(Collection<Path> files, BadRows policy, int maxLineBytes) {
        return new DocumentReader(
                files, new RowCounts(policy), new RowLimit(maxLineBytes, LongRows.REFUSE), Position.START);
    }

    /**
     * Makes a reader of files whose rows somebody else counts.
     *
     * @param files text files
     * @param counts of rows, and what bad ones lead to
     * @param limit how long a row may be
     * @return the reader
     */
    public static DocumentReader open(Collection<Path> files, RowCounts counts, RowLimit limit) {
        return new DocumentReader(files, counts, limit, Position.START);
    }

    /** Reads one file from a line on; what is before it is decompressed where there is a compression, and not looked at. */
    static DocumentReader openAt(Path file, Position start, RowCounts counts, RowLimit limit) {
        return openAt(file, file, start, counts, limit);
    }

    /** The same for a file that is named from another working folder than this process has; {@code at} is where it is. */
    static DocumentReader openAt(Path file, Path at, Position start, RowCounts counts, RowLimit limit) {
        DocumentReader reader = new DocumentReader(List.of(file), counts, limit, start);
        reader.at = at;
        return reader;
    }

    /** The place of the next line of the file that is being read, or of the end of the last one that was. */
    Position position() {
        LineReader current = lines;
        return current == null ? end : new Position(current.position(), current.number());
    }

    /**
     * Reads the next document.
     *
     * @return the document, or null after the last one
     */
    public @Nullable Document next() {
        while (true) {
            LineReader current = lines != null ? lines : openNext();
            if (current == null) {
                return null;
            }
            if (!advance(current)) {
                closeFile();
                continue;
            }
            Document document = parser.document(currentFile(), current);
            if (document != null) {
                return document;
            }
        }
    }

    /**
     * Returns the rows seen so far that were not blank lines.
     *
     * @return good, bad and empty rows together
     */
    public long rows() {
        return counts.rows();
    }

    /**
     * Returns the bad rows left out so far.
     *
     * @return a count, 0 unless the policy is {@link BadRows#SKIP}
     */
    public long skippedRows() {
        return counts.skippedRows();
    }

    /**
     * Returns the JSON rows so far whose text was empty or blank.
     *
     * @return a count
     */
    public long emptyRows() {
        return counts.emptyRows();
    }

    /**
     * Returns how many bytes were taken from disk so far, before decompression.
     *
     * @return bytes over all files
     */
    public long sourceBytes() {
        return closedFileBytes + (raw == null ? 0 : raw.count());
    }

    private @Nullable LineReader openNext() {
        file = waiting.poll();
        if (file == null) {
            return null;
        }
        try {
            SourceFile.CountedStream stream = file.openDecompressed(at == null ? file.path() : at);
            raw = stream.raw();
            try {
                stream.text().skipNBytes(start.byteOffset());
            } catch (IOException | RuntimeException failed) {
                stream.text().close();
                throw failed;
            }
            lines = LineReader.ofRows(stream.text(), file.rows(), limit, start.byteOffset(), start.linesBefore());
            start = Position.START;
            return lines;
        } catch (IOException failed) {
            throw unreadable(file.path(), failed);
        }
    }

    private boolean advance(LineReader current) {
        try {
            return current.next();
        } catch (IOException failed) {
            String where = "after line " + current.number() + ", ";
            throw unreadable(where, currentFile().path(), failed);
        }
    }

    private SourceFile currentFile() {
        if (file == null) {
            throw new IllegalStateException("no file is open");
        }
        return file;
    }

    static InputException unreadable(Path path, IOException failed) {
        return unreadable("", path, failed);
    }

    /** {@code where} is empty or ends in a comma and a space. */
    static InputException unreadable(String where, Path path, IOException failed) {
        String head = path + ": " + where;
        if (failed instanceof NoSuchFileException) {
            return InputException.environment(head + "the file does not exist; check the path", failed);
        }
        if (failed instanceof AccessDeniedException) {
            return InputException.environment(head + "the file may not be read; check its permissions", failed);
        }
        if (failed instanceof ZstdIOException zstd && zstd.getErrorCode() == Zstd.errFrameParameterWindowTooLarge()) {
            return InputException.environment(
                    head
                            + "the file was compressed with a window above 128 MiB; compress it again, with zstd --long=27 at"
                            + " most",
                    failed);
        }
        if (failed instanceof ZstdIOException zstd && zstd.getErrorCode() == Zstd.errDictionaryWrong()) {
            return InputException.environment(
                    head + "the file was compressed with a dictionary; compress it again without one", failed);
        }
        if (failed instanceof EOFException || failed instanceof ZipException || failed instanceof ZstdIOException) {
            return InputException.environment(
                    head + "the compressed file is damaged or cut off (" + failed.getMessage()
                            + "); copy or download it again",
                    failed);
        }
        return InputException.environment(
                head + "reading failed (" + failed.getMessage() + "); check the disk", failed);
    }

    private void closeFile() {
        if (raw != null) {
            closedFileBytes += raw.count();
            raw = null;
        }
        end = position();
        LineReader closing = lines;
        lines = null;
        if (closing != null) {
            try {
                closing.close();
            } catch (IOException failed) {
                throw unreadable(currentFile().path(), failed);
            }
        }
    }

    @Override
    public void close() {
        waiting.clear();
        closeFile();
    }
}
