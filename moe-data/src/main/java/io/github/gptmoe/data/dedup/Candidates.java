package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.corpus.DocumentGroups;
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

    private static final int PART = 64;

    private final SignatureStore signatures;
    private final Banding banding;
    private long compared;
    private long leftOut;

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
        PairJoin pairs = new PairJoin(clusters, threshold, batch -> compare(batch, similarity, threads));
        for (int band = 0; band < banding.bands(); band++) {
            double fraction = (double) band / banding.bands();
            buckets(band, (keys, from, to) -> {
                for (int later = from + 1; later < to; later++) {
                    int start = Math.max(from, later - MOST_EARLIER);
                    leftOut += start - from;
                    for (int earlier = start; earlier < later; earlier++) {
                        boolean verified = pairs.offer(
                                signatures.document((int) keys[earlier]), signatures.document((int) keys[later]));
                        if (verified) {
                            told.at(pairs.compared(), fraction);
                        }
                    }
                }
            });
        }
        pairs.end();
        compared = pairs.compared();
        told.at(compared, 1);
    }

    private static List<Double> compare(List<PairJoin.Pair> batch, Similarity similarity, DocumentGroups threads) {
        List<List<PairJoin.Pair>> parts = new ArrayList<>();
        for (int i = 0; i < batch.size(); i += PART) {
            parts.add(List.copyOf(batch.subList(i, Math.min(batch.size(), i + PART))));
        }
        List<List<Double>> results = threads.all(
                parts,
                part -> part.stream()
                        .map(pair -> similarity.of(pair.one(), pair.other()))
                        .toList());
        return results.stream().flatMap(List::stream).toList();
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
