package io.github.gptmoe.data.dedup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.Hashes;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a document to find its duplicates: a pure function of text and settings.
 *
 * @param high half of a 128-bit hash of the text as it is compared; of the text itself if nothing of it is compared
 * @param low the other half
 * @param signature MinHash values, owned by the holder; empty where similarity is not asked for or there is nothing to compare
 */
@SuppressWarnings("ArrayRecordComponent") // Passed on and never compared.
public record DocumentPrint(long high, long low, int[] signature) {

    /**
     * Prints a text.
     *
     * @param text valid Unicode
     * @param shingle characters of a shingle
     * @param minHash makes signatures; null where similarity is not asked for
     * @return the print
     */
    public static DocumentPrint of(String text, int shingle, @Nullable MinHash minHash) {
        MatchText compared = MatchText.of(text);
        boolean empty = compared.length() == 0;
        byte[] bytes = (empty ? "\0" + text : compared.toString()).getBytes(UTF_8);
        LongBuffer hash = ByteBuffer.wrap(Hashes.sha256().digest(bytes)).asLongBuffer();
        int[] signature = empty || minHash == null ? new int[0] : minHash.sign(compared, shingle);
        return new DocumentPrint(hash.get(), hash.get(), signature);
    }
}
