package io.github.gptmoe.data;

import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Lines to documents: the one place that decides what a document is. One thread at a time. */
final class DocumentRows {
    private final int maxLineBytes;
    private final boolean cuts;
    private final RowCounts counts;
    private final RowParser parser;

    DocumentRows(int maxLineBytes, RowCounts counts) {
        this(maxLineBytes, false, new RowParser(maxLineBytes), counts);
    }

    DocumentRows(RowLimit limit, RowCounts counts) {
        this(limit.maxBytes(), limit.longRows() == LongRows.CUT, new RowParser(limit.heldBytes()), counts);
    }

    private DocumentRows(int maxLineBytes, boolean cuts, RowParser parser, RowCounts counts) {
        this.maxLineBytes = maxLineBytes;
        this.cuts = cuts;
        this.counts = counts;
        this.parser = parser;
    }

    /** The document of the reader's current line; null where it has none, or is bad and left out. */
    @Nullable
    Document document(SourceFile source, LineReader line) {
        try {
            if (line.tooLong()) {
                throw new BadRowException(
                        0, "the line is longer than " + maxLineBytes + " bytes; split the document over several lines");
            }
            String text = parser.parse(source.rows(), line.line(), line.length());
            if (text == null) {
                return null;
            }
            if (text.isBlank()) {
                counts.empty();
                return null;
            }
            counts.document();
            if (line.cut()) {
                counts.cut();
            }
            return new Document(source.path(), line.number(), line.offset(), text);
        } catch (BadRowException bad) {
            counts.bad(new BadRow(
                    source.path(),
                    line.number(),
                    line.offset(),
                    // Offsets inside a row that was shortened are not those in the file.
                    line.offset() + (line.shortened() ? 0 : bad.offsetInLine()),
                    String.valueOf(bad.getMessage()),
                    line.raw(),
                    line.fullLength()));
            return null;
        }
    }

    /** The document of a row of a table; null where it has none, or is bad and left out. Offsets of bad bytes are those in the text. */
    @Nullable
    Document document(Path file, long row, byte @Nullable [] text) {
        try {
            if (text == null) {
                throw new BadRowException(0, "the column \"text\" is null");
            }
            boolean cut = cuts && text.length > maxLineBytes;
            if (text.length > maxLineBytes && !cut) {
                throw new BadRowException(
                        0, "the text is longer than " + maxLineBytes + " bytes; split the document over several rows");
            }
            int length = cut ? wholeCharacters(text, maxLineBytes) : text.length;
            String parsed = parser.parse(SourceFile.Rows.TEXT, text, length);
            if (parsed == null) {
                counts.empty();
                return null;
            }
            counts.document();
            if (cut) {
                counts.cut();
            }
            return new Document(file, row, 0, parsed);
        } catch (BadRowException bad) {
            byte[] raw =
                    text == null ? new byte[0] : Arrays.copyOf(text, Math.min(text.length, LineReader.SHOWN_BYTES));
            long bytes = text == null ? 0 : text.length;
            counts.bad(new BadRow(file, row, 0, bad.offsetInLine(), String.valueOf(bad.getMessage()), raw, bytes));
            return null;
        }
    }

    /** The most bytes, up to a limit, that end with a character. */
    private static int wholeCharacters(byte[] text, int limit) {
        int end = limit;
        while (end > 0 && (text[end] & 0xC0) == 0x80) {
            end--;
        }
        return end;
    }
}
