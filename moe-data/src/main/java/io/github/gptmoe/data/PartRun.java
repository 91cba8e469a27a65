package io.github.gptmoe.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tokenises text files, one after the other, into parts; those that are there already are not made again. Reads and writes on the
 * calling thread, tokenises on others. Where a part ends depends on the text alone.
 */
final class PartRun {
    private static final long GROUP_CHARACTERS = 1 << 18;
    private static final int GROUP_DOCUMENTS = 1 << 12;
    private static final long MOST_DOCUMENTS = 1 << 24;
    private static final long PROGRESS_NANOS = 250_000_000;

    private final Tokenizer tokenizer;
    private final EncodingPool pool;
    private final PartStore store;
    private final BadRowPolicy policy;
    private final RowCounts counts;
    private final RowLimit limit;
    private final long partCharacters;
    private final long allBytes;
    private final PackProgress progress;
    private final List<Path> badFiles = new ArrayList<>();
    private long finishedFileBytes;
    private long finishedDocuments;
    private long finishedTextBytes;
    private long finishedTokens;
    private long tokenisedTextBytes;
    private long emptiedRows;
    private long nextProgress = System.nanoTime();
    private @Nullable PartWriter writer;

    /** What stays the same for all files; the pool is the caller's. */
    PartRun(
            Tokenizer tokenizer,
            EncodingPool pool,
            PartStore store,
            BadRowPolicy policy,
            RowLimit limit,
            long partCharacters,
            long allBytes,
            PackProgress progress) {
        this.tokenizer = tokenizer;
        this.pool = pool;
        this.store = store;
        this.policy = policy;
        this.counts = new RowCounts(policy, this::keep);
        this.limit = limit;
        this.partCharacters = partCharacters;
        this.allBytes = allBytes;
        this.progress = progress;
    }

    private void keep(BadRow row) {
        PartWriter current = writer;
        if (current == null) {
            throw new IllegalStateException("a bad row outside of a part");
        }
        current.bad(row);
    }

    /** The parts of a file, by the hash over all that decides their content. */
    List<TokenPart> tokenise(PartSource source, String key) throws IOException {
        List<TokenPart> parts = new ArrayList<>();
        TokenPart last = null;
        while (last == null || !last.meta().last()) {
            TokenPart done = store.finished(key, parts.size());
            if (done == null || !serves(done)) {
                break;
            }
            counts.resume(done.meta().rows());
            last = add(done, parts);
        }
        if (last == null || !last.meta().last()) {
            read(source, key, last == null ? DocumentReader.Position.START : last.next(), parts);
        }
        finishedFileBytes += source.bytes();
        tell(0, true);
        return parts;
    }

    /** A part that lacks rows is not what a packing makes that fails at the first of them. */
    private boolean serves(TokenPart part) {
        return policy.action() != BadRows.FAIL || part.meta().rows().bad() == 0;
    }

    private TokenPart add(TokenPart part, List<TokenPart> parts) {
        parts.add(part);
        finishedDocuments += part.meta().documents();
        finishedTextBytes += part.meta().textBytes();
        finishedTokens += part.meta().tokens();
        if (part.bad() != null) {
            badFiles.add(part.bad());
        }
        return part;
    }

    private void read(PartSource source, String key, DocumentReader.Position start, List<TokenPart> parts)
            throws IOException {
        try (DocumentReader reader = source.open(start, counts, limit)) {
            boolean last = false;
            while (!last) {
                try (PartWriter opened = store.writer(key, parts.size())) {
                    writer = opened;
                    RowCounts.Totals before = totals();
                    last = fill(opened, reader);
                    // A part is found again by the hash of the file as it was at the beginning.
                    source.requireUnchanged();
                    add(opened.finish(totals().minus(before), reader.position(), last), parts);
                    tokenisedTextBytes += opened.textBytes();
                }
                writer = null;
            }
        }
    }

    private RowCounts.Totals totals() {
        return counts.totals().plus(new RowCounts.Totals(0, 0, emptiedRows, 0));
    }

    /** Fills a part; true if the file ends with it. */
    private boolean fill(PartWriter part, DocumentReader reader) throws IOException {
        List<Document> group = new ArrayList<>();
        long characters = 0;
        long allCharacters = 0;
        long documents = 0;
        boolean ended = false;
        while (!ended && allCharacters < partCharacters && documents < MOST_DOCUMENTS) {
            Document next = reader.next();
            ended = next == null;
            if (next != null) {
                group.add(next);
                documents++;
                characters += next.text().length();
                allCharacters += next.text().length();
            }
            // A document takes memory beyond that of its characters.
            if (characters >= GROUP_CHARACTERS || group.size() >= GROUP_DOCUMENTS) {
                pool.submit(group, characters);
                group.clear();
                characters = 0;
            }
            while (pool.isFull()) {
                writeOldest(part, reader);
            }
        }
        pool.submit(group, characters);
        while (!pool.isEmpty()) {
            writeOldest(part, reader);
        }
        return ended;
    }

    private void writeOldest(PartWriter part, DocumentReader reader) throws IOException {
        while (!pool.oldestEnds(PROGRESS_NANOS)) {
            tell(reader.sourceBytes(), false);
        }
        for (EncodedDocument document : pool.takeOldest()) {
            if (document.ids().length == 0) {
                emptiedRows++;
            } else {
                part.append(document, tokenizer.endOfDocument());
            }
        }
        tell(reader.sourceBytes(), false);
    }

    private void tell(long bytesOfFile, boolean now) {
        if (now || System.nanoTime() - nextProgress >= 0) {
            nextProgress = System.nanoTime() + PROGRESS_NANOS;
            PartWriter current = writer;
            double read = (double) (finishedFileBytes + bytesOfFile) / Math.max(1, allBytes);
            progress.packed(
                    finishedDocuments + (current == null ? 0 : current.documents()),
                    finishedTextBytes + (current == null ? 0 : current.textBytes()),
                    finishedTokens + (current == null ? 0 : current.tokens()),
                    // What follows is mixing; the end is told by whoever does that.
                    Math.min(0.99, read));
        }
    }

    /** Judges the share of bad rows once everything is read. */
    void end() {
        counts.end();
    }

    /** UTF-8 bytes of the text that this run has tokenised itself. */
    long tokenisedTextBytes() {
        return tokenisedTextBytes;
    }

    /** Files of bad rows in the order of the text, the one of a part that was not finished last. */
    List<Path> badFiles() {
        List<Path> files = new ArrayList<>(badFiles);
        PartWriter current = writer;
        Path unfinished = current == null ? null : current.badFile();
        if (unfinished != null) {
            files.add(unfinished);
        }
        return files;
    }
}
