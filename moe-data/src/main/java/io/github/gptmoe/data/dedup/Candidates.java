package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.corpus.DocumentGroups;
import io.github.gptmoe.data.corpus.LongTable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Pairs of documents that share a band, verified and joined. Pairs whose documents are in one cluster already are not compared: that
 * changes nothing. A document is compared with at most {@value #MOST_EARLIER} earlier ones of a band's bucket; how many pairs were left out
 * for that is counted.
 */
final class Candidates {
    static final int MOST_EARLIER = 256;

    private static final int BATCH = 2048;
    private static final int PART = 64;
    private static final int MOST_REJECTED = 1 << 22;

    private final SignatureStore signatures;
    private final Banding banding;
    private LongTable rejected = new LongTable(1 << 12);
    private long compared;
    private long leftOut;

    /** Two documents, the first of them the earlier one. */
    private record Pair(int one, int other) {
        long key() {
            return ((long) one << 32) | other;
        }
    }

    /** Takes the documents of a bucket: {@code keys[from]} to {@code keys[to - 1]}, at least two. */
    private interface Bucket {
        void take(long[] keys, int from, int to);
    }

    /** Hears how far the comparison is. */
    interface Told {
        void at(long compared, double fraction);
    }

    /** How two documents are compared. */
    interface Similarity {
        double of(int one, int other);
    }

    Candidates(SignatureStore signatures, Banding banding) {
        this.signatures = signatures;
        this.banding = banding;
    }

    /** All documents that share a band with another. */
    BitSet documents() {
        BitSet documents = new BitSet();
        for (int band = 0; band < banding.bands(); band++) {
            buckets(band, (keys, from, to) -> {
                for (int i = from; i < to; i++) {
                    documents.set(signatures.document((int) keys[i]));
                }
            });
        }
        return documents;
    }

    private void buckets(int band, Bucket bucket) {
        long[] keys = signatures.ordered(band);
        int from = 0;
        while (from < keys.length) {
            int to = from + 1;
            while (to < keys.length && keys[to] >>> 32 == keys[from] >>> 32) {
                to++;
            }
            if (to - from > 1) {
                bucket.take(keys, from, to);
            }
            from = to;
        }
    }

    /** Compares all pairs and joins those of at least the threshold. */
    void join(Clusters clusters, double threshold, Similarity similarity, DocumentGroups threads, Told told) {
        List<Pair> batch = new ArrayList<>();
        for (int band = 0; band < banding.bands(); band++) {
            double fraction = (double) band / banding.bands();
            buckets(band, (keys, from, to) -> {
                for (int later = from + 1; later < to; later++) {
                    int start = Math.max(from, later - MOST_EARLIER);
                    leftOut += start - from;
                    for (int earlier = start; earlier < later; earlier++) {
                        Pair pair = new Pair(
                                signatures.document((int) keys[earlier]), signatures.document((int) keys[later]));
                        if (isOpen(pair, clusters)) {
                            batch.add(pair);
                        }
                        if (batch.size() == BATCH) {
                            verify(batch, clusters, threshold, similarity, threads);
                            told.at(compared, fraction);
                        }
                    }
                }
            });
        }
        verify(batch, clusters, threshold, similarity, threads);
        told.at(compared, 1);
    }

    private boolean isOpen(Pair pair, Clusters clusters) {
        return clusters.first(pair.one()) != clusters.first(pair.other()) && rejected.get(pair.key()) == 0;
    }

    /** Batches end at fixed counts, so what is compared does not depend on threads either. */
    private void verify(
            List<Pair> batch, Clusters clusters, double threshold, Similarity similarity, DocumentGroups threads) {
        List<List<Pair>> parts = new ArrayList<>();
        for (int i = 0; i < batch.size(); i += PART) {
            parts.add(List.copyOf(batch.subList(i, Math.min(batch.size(), i + PART))));
        }
        List<List<Double>> results = threads.all(
                parts,
                part -> part.stream()
                        .map(pair -> similarity.of(pair.one(), pair.other()))
                        .toList());
        for (int i = 0; i < batch.size(); i++) {
            Pair pair = batch.get(i);
            double found = results.get(i / PART).get(i % PART);
            if (found >= threshold) {
                clusters.join(pair.one(), pair.other(), (float) found);
            } else {
                reject(pair);
            }
        }
        compared += batch.size();
        batch.clear();
    }

    /** Other bands bring the same pairs again; forgetting them costs time alone. */
    private void reject(Pair pair) {
        if (rejected.size() >= MOST_REJECTED) {
            rejected = new LongTable(1 << 12);
        }
        rejected.put(pair.key(), 1);
    }

    /** Pairs whose similarity was computed. */
    long compared() {
        return compared;
    }

    /** Pairs of a bucket that were not looked at because it is large. */
    long leftOut() {
        return leftOut;
    }
}
