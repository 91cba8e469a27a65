package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.corpus.InputFile;
import io.github.gptmoe.data.corpus.LongTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All documents by number, in the order of the files: where they stand, which are equal, and the signatures of those that are not. For one
 * thread while it grows.
 */
final class DocumentIndex {
    /** Marks documents whose texts are equal as they are compared; above any similarity. */
    static final float EQUAL = 2;

    private static final int MOST_DOCUMENTS = Integer.MAX_VALUE - 8;

    private final List<InputFile> files = new ArrayList<>();
    private final List<Integer> firstDocuments = new ArrayList<>();
    private final Clusters clusters = new Clusters();
    private final LongTable byHash = new LongTable(1 << 12);
    private final SignatureStore signatures;
    private long[] lines = new long[1024];
    private long[] lows = new long[1024];

    DocumentIndex(SignatureStore signatures) {
        this.signatures = signatures;
    }

    /** The documents that follow are of this file. */
    void begin(InputFile file) {
        files.add(file);
        firstDocuments.add(clusters.size());
    }

    void add(long line, DocumentPrint print) {
        if (clusters.size() == MOST_DOCUMENTS) {
            throw new IllegalStateException("more documents than numbers");
        }
        int document = clusters.add();
        if (document == lines.length) {
            lines = Arrays.copyOf(lines, 2 * document);
            lows = Arrays.copyOf(lows, 2 * document);
        }
        lines[document] = line;
        lows[document] = print.low();
        int equal = byHash.get(print.high()) - 1;
        if (equal >= 0 && lows[equal] == print.low()) {
            clusters.join(equal, document, EQUAL);
            return;
        }
        byHash.put(print.high(), document + 1);
        if (print.signature().length > 0) {
            signatures.add(document, print.signature());
        }
    }

    Clusters clusters() {
        return clusters;
    }

    /** The number of the first document of a file. */
    int first(int file) {
        return firstDocuments.get(file);
    }

    /** One more than the number of the last document of a file. */
    int end(int file) {
        return file + 1 < files.size() ? firstDocuments.get(file + 1) : clusters.size();
    }

    /** The document that begins at a line of a file. */
    int at(int file, long line) {
        int document = Arrays.binarySearch(lines, first(file), end(file), line);
        if (document < 0) {
            throw new IllegalStateException(
                    "line " + line + " of " + files.get(file).path() + " was no document before");
        }
        return document;
    }

    RemovedRow.Place place(int document) {
        int file = 0;
        int after = files.size();
        while (after - file > 1) {
            int middle = (file + after) >>> 1;
            if (first(middle) <= document) {
                file = middle; // Of files that begin with one number only the last has documents.
            } else {
                after = middle;
            }
        }
        return new RemovedRow.Place(files.get(file).name(), lines[document]);
    }
}
