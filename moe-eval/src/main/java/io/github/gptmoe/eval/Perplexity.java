package io.github.gptmoe.eval;

import io.github.gptmoe.data.BadRows;
import io.github.gptmoe.data.Document;
import io.github.gptmoe.data.DocumentReader;
import io.github.gptmoe.data.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Perplexity of documents, each on its own: the first token is predicted after an end-of-document token, the last
 * prediction is the end of the document. So the sum is the length of a code that can be decoded. Documents beyond the
 * model's sequence length are scored in overlapping {@linkplain LongTexts#WINDOW windows}.
 */
public final class Perplexity {
    /** Documents that are scored together: enough to sort by length, and their tokens fit on the heap. */
    private static final int DOCUMENTS_AT_ONCE = 256;

    private final TrainedModel trained;
    private final SequenceScorer scorer;

    /**
     * Makes a measurement.
     *
     * @param trained the model; stays open while this is used
     */
    public Perplexity(TrainedModel trained) {
        this.trained = trained;
        this.scorer = new SequenceScorer(trained, LongTexts.WINDOW);
    }

    /**
     * Measures documents.
     *
     * @param documents texts; read once, a part at a time
     * @return sums over all of them
     */
    public PerplexityReport of(Iterator<String> documents) {
        PerplexityReport total = new PerplexityReport(0, 0, 0, 0);
        while (documents.hasNext()) {
            List<String> part = new ArrayList<>();
            while (documents.hasNext() && part.size() < DOCUMENTS_AT_ONCE) {
                part.add(documents.next());
            }
            total = total.plus(measure(part));
        }
        return total;
    }

    /**
     * Measures text files.
     *
     * @param files {@code .txt} (a document a line) or {@code .jsonl} (a document in {@code text}), plain, gzip or zstd
     * @return sums over all documents
     * @throws InputException if a file or a row cannot be read
     */
    public PerplexityReport ofFiles(List<Path> files) {
        try (DocumentReader reader = DocumentReader.open(files, BadRows.FAIL)) {
            return of(new DocumentTexts(reader));
        }
    }

    private PerplexityReport measure(List<String> documents) {
        List<int[]> sequences = documents.stream().map(this::delimited).toList();
        double nats = 0;
        long tokens = 0;
        for (double[] scores : scorer.score(sequences)) {
            nats -= Arrays.stream(scores).skip(1).sum();
            tokens += scores.length - 1;
        }
        long bytes = documents.stream()
                .mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length)
                .sum();
        return new PerplexityReport(documents.size(), tokens, bytes, nats);
    }

    private int[] delimited(String document) {
        int[] ids = trained.tokenizer().encode(document);
        int[] delimited = new int[ids.length + 2];
        System.arraycopy(ids, 0, delimited, 1, ids.length);
        delimited[0] = trained.tokenizer().endOfDocument();
        delimited[delimited.length - 1] = trained.tokenizer().endOfDocument();
        return delimited;
    }

    /** The texts of a reader, one at a time. */
    private static final class DocumentTexts implements Iterator<String> {
        private final DocumentReader reader;
        private @Nullable Document next;

        DocumentTexts(DocumentReader reader) {
            this.reader = reader;
            this.next = reader.next();
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public String next() {
            Document current = next;
            if (current == null) {
                throw new NoSuchElementException("no document is left");
            }
            next = reader.next();
            return current.text();
        }
    }
}
