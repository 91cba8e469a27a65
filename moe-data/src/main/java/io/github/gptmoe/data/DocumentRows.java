package io.github.gptmoe.data;

import org.jspecify.annotations.Nullable;

/** Lines to documents: the one place that decides what a document is. One thread at a time. */
final class DocumentRows {
    private final int maxLineBytes;
    private final RowCounts counts;
    private final RowParser parser;

    DocumentRows(int maxLineBytes, RowCounts counts) {
        this.maxLineBytes = maxLineBytes;
        this.counts = counts;
        this.parser = new RowParser(maxLineBytes);
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
            return new Document(source.path(), line.number(), line.offset(), text);
        } catch (BadRowException bad) {
            long at = line.offset() + bad.offsetInLine();
            counts.bad(Document.place(source.path(), line.number(), at) + bad.getMessage());
            return null;
        }
    }
}
