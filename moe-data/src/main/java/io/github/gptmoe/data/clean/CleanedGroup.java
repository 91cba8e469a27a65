package io.github.gptmoe.data.clean;

import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.corpus.JsonText;
import io.github.gptmoe.data.corpus.TextCodec;
import java.util.List;

/**
 * What becomes of documents that follow each other in a file. Arrays belong to whoever holds the record.
 *
 * @param text the rows that stay
 * @param packed the same as they lie in the output
 * @param counts what was done
 */
@SuppressWarnings("ArrayRecordComponent") // Passed from a worker to the writer, never compared.
public record CleanedGroup(byte[] text, byte[] packed, CleanCounts counts) {

    /**
     * Cleans a group.
     *
     * @param cleaner the rules
     * @param group documents in their order
     * @param file what samples call the file
     * @param samples most samples of each rule and kind
     * @param codec of the output
     * @return rows and counts
     */
    public static CleanedGroup of(Cleaner cleaner, List<Document> group, String file, int samples, TextCodec codec) {
        CleanCounts.Builder counts = new CleanCounts.Builder(file, samples);
        JsonText rows = new JsonText();
        for (Document document : group) {
            CleanResult result = cleaner.clean(document.text());
            counts.add(document, result);
            if (result.text() != null) {
                rows.add(result.text());
            }
        }
        byte[] text = rows.bytes();
        return new CleanedGroup(text, codec.pack(text), counts.build());
    }
}
