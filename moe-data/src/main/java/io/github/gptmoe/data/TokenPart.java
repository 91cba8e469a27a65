package io.github.gptmoe.data;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a text file as tokens, on the disk.
 *
 * @param meta what is in it
 * @param tokens file of ids, each document followed by its end
 * @param documents file of {@link #DOCUMENT_BYTES} for each document: the offset behind its end, the hash of its text, the text's
 *     UTF-8 bytes and its code points, 64 bits each
 * @param bad file of its bad rows; null if it has none or they are not kept
 */
record TokenPart(
        Meta meta, Path tokens, Path documents, @Nullable Path bad) {
    static final int DOCUMENT_BYTES = 4 * Long.BYTES;

    /**
     * The description that is written last, so that a part without one is unfinished.
     *
     * @param documents how many
     * @param textBytes UTF-8 bytes of their text
     * @param tokens how many, ends of documents included
     * @param rows of the stretch
     * @param nextByte where the next stretch begins, in the decompressed file
     * @param nextLine how many lines are before it
     * @param last whether the file ends with this one
     * @param tokensChecksum CRC-32C of the file of ids
     * @param documentsChecksum CRC-32C of the file of documents
     * @param badChecksum CRC-32C of the file of bad rows; null where there is none
     */
    record Meta(
            long documents,
            long textBytes,
            long tokens,
            RowCounts.Totals rows,
            long nextByte,
            long nextLine,
            boolean last,
            String tokensChecksum,
            String documentsChecksum,
            @Nullable String badChecksum) {}

    DocumentReader.Position next() {
        return new DocumentReader.Position(meta.nextByte(), meta.nextLine());
    }
}
