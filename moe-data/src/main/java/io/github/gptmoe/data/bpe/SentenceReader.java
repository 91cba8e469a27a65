package io.github.gptmoe.data.bpe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.DocumentReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Streams the sentences of documents, one for each line that is not blank, and counts what is left out. */
final class SentenceReader implements AutoCloseable {
    /** SentencePiece's trainer writes it for characters that are no pieces, so it leaves out sentences that have it. */
    private static final char RESERVED = '\u2585';

    private final DocumentReader documents;
    private final int maxBytes;
    private final double sourceBytes;
    private String text = "";
    private int at;
    private long longSentences;
    private long reservedSentences;

    SentenceReader(BpeInput input, int maxBytes) {
        this.documents = DocumentReader.open(input.files(), input.badRows());
        this.maxBytes = maxBytes;
        this.sourceBytes = Math.max(
                1, input.files().stream().mapToLong(SentenceReader::size).sum());
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Nullable
    String next() {
        while (true) {
            while (at < text.length()) {
                int feed = text.indexOf('\n', at);
                int end = feed < 0 ? text.length() : feed;
                String sentence = text.substring(at, end);
                at = end + 1;
                if (!sentence.isBlank() && isUsable(sentence)) {
                    return sentence;
                }
            }
            Document document = documents.next();
            if (document == null) {
                return null;
            }
            text = document.text();
            at = 0;
        }
    }

    private boolean isUsable(String sentence) {
        // No character has fewer bytes than it has units, and none more than three for each.
        if (maxBytes > 0
                && (sentence.length() > maxBytes
                        || (3L * sentence.length() > maxBytes && sentence.getBytes(UTF_8).length > maxBytes))) {
            longSentences++;
            return false;
        }
        if (sentence.indexOf(RESERVED) >= 0) {
            reservedSentences++;
            return false;
        }
        return true;
    }

    long longSentences() {
        return longSentences;
    }

    long reservedSentences() {
        return reservedSentences;
    }

    long badRows() {
        return documents.skippedRows();
    }

    /** The share of the files that was read; below 1, because only {@link #next} knows that nothing follows. */
    double fraction() {
        return Math.min(Math.nextDown(1.0), documents.sourceBytes() / sourceBytes);
    }

    @Override
    public void close() {
        documents.close();
    }
}
