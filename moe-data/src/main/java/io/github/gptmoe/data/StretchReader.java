package io.github.gptmoe.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads the documents of a stretch of a text file whose bytes come from anywhere, so that several processes can read one file. Rows are those
 * that {@link DocumentReader} finds; a bad one is not judged but kept in {@link StretchRows}, for {@link StretchJudge} to judge once all
 * stretches of the file are read.
 */
public final class StretchReader {
    private final Path file;
    private final RowLimit limit;
    private final StretchRows.Builder met;
    private final DocumentRows rows;

    /** Opens a file as it lies on its disk, compressed as it is. */
    @FunctionalInterface
    public interface Bytes {
        /**
         * Opens it.
         *
         * @param from the first byte that is wanted
         * @return the bytes from there on, to be closed by the caller
         * @throws IOException if that is not possible
         */
        InputStream open(long from) throws IOException;
    }

    /** Takes documents in their order. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes a document.
         *
         * @param document the next one
         * @throws IOException if it cannot be passed on
         */
        void accept(Document document) throws IOException;
    }

    /**
     * Lines of a file: those that begin in a range of its bytes.
     *
     * @param file what names it; the ending says how it is read
     * @param from the first byte; 0 for a compressed file
     * @param to the byte behind the last one; of no meaning for a compressed file
     * @param lineEndsBefore line feeds before {@code from}
     */
    public record Stretch(Path file, long from, long to, long lineEndsBefore) {}

    /**
     * Tells whether a file is text that can be read.
     *
     * @param name its name
     * @return whether it is {@code .txt} or {@code .jsonl}, plain or followed by {@code .gz} or {@code .zst}
     */
    public static boolean reads(Path name) {
        return SourceFile.of(name).isPresent();
    }

    /**
     * What becomes of rows that cannot be used, and of long ones. To be sent to where text is read.
     *
     * @param badRows what bad rows lead to
     * @param limit how long a row may be
     */
    public record Rules(BadRowPolicy badRows, RowLimit limit) implements Serializable {
        /**
         * The same as a command's.
         *
         * @param rules that of the command
         * @return rules without the place of the quarantine
         */
        public static Rules of(RowRules rules) {
            return new Rules(rules.badRows(), rules.limit());
        }

        /**
         * Those for rows that this program has written itself.
         *
         * @return rules that refuse any bad row
         */
        public static Rules strict() {
            return of(RowRules.of(BadRows.FAIL));
        }
    }

    /**
     * Prepares reading.
     *
     * @param file what names the file
     * @param rules what becomes of rows
     */
    public StretchReader(Path file, Rules rules) {
        this.file = file;
        this.limit = rules.limit();
        this.met = new StretchRows.Builder(rules.badRows());
        this.rows = new DocumentRows(limit, met.counts());
    }

    /**
     * Reads a stretch of lines.
     *
     * @param stretch which
     * @param bytes the file
     * @param rules what becomes of rows: under {@code FAIL} nothing is read behind the first bad one
     * @param documents takes what is found
     * @return the rows that were met
     * @throws InputException if the file cannot be read or is damaged
     * @throws IOException that of {@code documents}
     */
    public static StretchRows read(Stretch stretch, Bytes bytes, Rules rules, Sink documents) throws IOException {
        return new StretchReader(stretch.file(), rules).read(stretch, bytes, documents);
    }

    private StretchRows read(Stretch stretch, Bytes bytes, Sink documents) throws IOException {
        SourceFile source = SourceFile.require(file);
        boolean plain = source.compression() == SourceFile.Compression.NONE;
        try (LineReader lines = open(source, plain, stretch, bytes)) {
            while (!met.isEnough() && (!plain || lines.position() < stretch.to()) && next(lines)) {
                Document document = rows.document(source, lines);
                if (document != null) {
                    documents.accept(document);
                }
            }
        }
        return met.build();
    }

    private boolean next(LineReader lines) {
        try {
            return lines.next();
        } catch (IOException failed) {
            throw DocumentReader.unreadable("after line " + lines.number() + ", ", file, failed);
        }
    }

    private LineReader open(SourceFile source, boolean plain, Stretch stretch, Bytes bytes) {
        long start = stretch.from();
        try {
            // The stretch's first byte begins a line if the one before ends one.
            InputStream raw = bytes.open(Math.max(0, start - 1));
            try {
                long linesBefore = stretch.lineEndsBefore();
                if (plain && start > 0) {
                    long passed = passLine(raw);
                    start += passed - 1;
                    linesBefore += passed > 1 ? 1 : 0;
                }
                return LineReader.ofRows(source.decompress(raw), source.rows(), limit, start, linesBefore);
            } catch (IOException | RuntimeException failed) {
                raw.close();
                throw failed;
            }
        } catch (IOException failed) {
            throw DocumentReader.unreadable(file, failed);
        }
    }

    /** Reads up to the end of a line; returns how many bytes that were. */
    private static long passLine(InputStream raw) throws IOException {
        long passed = 0;
        int next;
        do {
            next = raw.read();
            passed++;
        } while (next >= 0 && next != '\n');
        return passed;
    }

    /**
     * Takes a row of a file that is no text, such as a table's.
     *
     * @param row its number, from 1
     * @param text UTF-8 of the column {@code text}; null if it has none. Not changed, not kept
     * @return the document; null if the row is empty or bad
     */
    public @Nullable Document row(long row, byte @Nullable [] text) {
        return rows.document(file, row, text);
    }

    /**
     * Whether what was met so far ends the reading.
     *
     * @return true if no further row changes the judgement
     */
    public boolean isEnough() {
        return met.isEnough();
    }

    /**
     * The rows so far.
     *
     * @return what was met
     */
    public StretchRows met() {
        return met.build();
    }
}
