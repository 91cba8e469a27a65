package io.github.gptmoe.data.bpe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.DocumentReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Streams the sentences of documents, one for each line that is not blank, and counts what is left out. */
final class SentenceReader implements AutoCloseable {
    /** SentencePiece's trainer writes it for characters that are no pieces, so it leaves out sentences that have it. */
    private static final char RESERVED = '\u2585';

    private final BpeInput input;
    private final int maxBytes;
    private final boolean keepsReserved;
    private final double allBytes;
    private Place fileStart;
    private @Nullable DocumentReader documents;
    private String text = "";
    private int at;
    private long readBytes;
    private long sentences;
    private long longSentences;
    private long reservedSentences;

    /**
     * Where reading is. What was left out is as of the beginning of the file, because going on reads the file anew.
     *
     * @param file how many files were read to their ends
     * @param sentences sentences of the file after them that were given out
     * @param longSentences left out in the files before
     * @param reservedSentences left out in the files before
     * @param badRows left out in the files before
     */
    record Place(int file, long sentences, long longSentences, long reservedSentences, long badRows) {
        static final Place START = new Place(0, 0, 0, 0, 0);
    }

    /** Reads on from a place. */
    SentenceReader(BpeInput input, int maxBytes, Place place) {
        this(input, maxBytes, place, false);
    }

    private SentenceReader(BpeInput input, int maxBytes, Place place, boolean keepsReserved) {
        this.keepsReserved = keepsReserved;
        this.input = input;
        this.maxBytes = maxBytes;
        this.allBytes = Math.max(1, size(input.files()));
        this.readBytes = size(input.files().subList(0, place.file()));
        this.fileStart = new Place(place.file(), 0, place.longSentences(), place.reservedSentences(), place.badRows());
        while (sentences < place.sentences() && next() != null) {
            // Was given out before.
        }
    }

    /** Reads every sentence, also those that no vocabulary is trained on. */
    static SentenceReader ofAll(BpeInput input) {
        return new SentenceReader(input, 0, Place.START, true);
    }

    private static long size(List<Path> files) {
        return files.stream().mapToLong(SentenceReader::size).sum();
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
                    sentences++;
                    return sentence;
                }
            }
            Document document = nextDocument();
            if (document == null) {
                return null;
            }
            text = document.text();
            at = 0;
        }
    }

    private @Nullable Document nextDocument() {
        while (fileStart.file() < input.files().size()) {
            DocumentReader reader = documents;
            if (reader == null) {
                reader = DocumentReader.open(
                        input.files().subList(fileStart.file(), fileStart.file() + 1), input.badRows());
                documents = reader;
            }
            Document document = reader.next();
            if (document != null) {
                return document;
            }
            fileStart = new Place(fileStart.file() + 1, 0, longSentences(), reservedSentences(), badRows());
            readBytes += reader.sourceBytes();
            documents = null;
            reader.close();
            sentences = 0;
            longSentences = 0;
            reservedSentences = 0;
        }
        return null;
    }

    private boolean isUsable(String sentence) {
        // No character has fewer bytes than it has units, and none more than three for each.
        if (maxBytes > 0
                && (sentence.length() > maxBytes
                        || (3L * sentence.length() > maxBytes && sentence.getBytes(UTF_8).length > maxBytes))) {
            longSentences++;
            return false;
        }
        if (!keepsReserved && sentence.indexOf(RESERVED) >= 0) {
            reservedSentences++;
            return false;
        }
        return true;
    }

    /** Where reading is, to go on from. */
    Place place() {
        return new Place(
                fileStart.file(),
                sentences,
                fileStart.longSentences(),
                fileStart.reservedSentences(),
                fileStart.badRows());
    }

    long longSentences() {
        return fileStart.longSentences() + longSentences;
    }

    long reservedSentences() {
        return fileStart.reservedSentences() + reservedSentences;
    }

    long badRows() {
        return fileStart.badRows() + (documents == null ? 0 : documents.skippedRows());
    }

    /** The share of the files that was read; below 1, because only {@link #next} knows that nothing follows. */
    double fraction() {
        long bytes = readBytes + (documents == null ? 0 : documents.sourceBytes());
        return Math.min(Math.nextDown(1.0), bytes / allBytes);
    }

    @Override
    public void close() {
        if (documents != null) {
            documents.close();
        }
    }
}
