package io.github.gptmoe.data.dedup;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Clusters made of pairs that many machines have found and compared: given the pairs in the order in which {@link DedupRun} meets them, the
 * result is the same. 8 bytes a document. For one thread.
 */
public final class PairReplay {
    /** A document is compared with at most so many earlier ones of a band's bucket, those just before it. */
    public static final int MOST_EARLIER = Candidates.MOST_EARLIER;

    private final Clusters clusters = new Clusters();
    private final PairJoin pairs;
    private final Map<Long, Double> similarities = new HashMap<>();

    /**
     * Begins with each document as a cluster of its own.
     *
     * @param documents their number; documents are numbered from 0 in the order of the input
     * @param threshold least similarity of documents that are joined
     */
    public PairReplay(int documents, double threshold) {
        for (int i = 0; i < documents; i++) {
            clusters.add();
        }
        this.pairs = new PairJoin(clusters, threshold, batch -> {
            List<Double> known =
                    batch.stream().map(pair -> similarities.get(pair.key())).toList();
            similarities.clear();
            return known;
        });
    }

    /**
     * Joins a document to the first one that is equal to it. All such calls come before those of {@link #similar}.
     *
     * @param first the first
     * @param document a later one
     */
    public void equal(int first, int document) {
        clusters.join(first, document, DocumentIndex.EQUAL);
    }

    /**
     * Takes a pair that shares a band: in the order of bands, of a band in that of the buckets' keys as signed numbers, of a bucket in that of
     * the later document, then of the earlier one. A pair of several bands is given for each.
     *
     * @param earlier a document that has no equal before it
     * @param later another one
     * @param similarity Jaccard similarity of their shingles
     */
    public void similar(int earlier, int later, double similarity) {
        similarities.put(new PairJoin.Pair(earlier, later).key(), similarity);
        pairs.offer(earlier, later);
        if (similarities.size() >= 1 << 16) {
            forget();
        }
    }

    /** Of pairs that were not taken nothing need be known. */
    private void forget() {
        similarities.keySet().retainAll(pairs.waiting());
    }

    /** Ends the pairs. */
    public void end() {
        pairs.end();
    }

    /**
     * The document that stays.
     *
     * @param document any
     * @return the first of its cluster
     */
    public int first(int document) {
        return clusters.first(document);
    }

    /**
     * How a document that does not stay came into its cluster.
     *
     * @param document not the first of its cluster
     * @return whether an earlier one is equal to it
     */
    public boolean isEqual(int document) {
        return clusters.similarity(document) == DocumentIndex.EQUAL;
    }

    /**
     * How a document that does not stay came into its cluster.
     *
     * @param document not the first of its cluster, and equal to none before it
     * @return the similarity of the pair that joined it
     */
    public float similarity(int document) {
        return clusters.similarity(document);
    }

    /**
     * Counts comparisons as {@link DedupRun} does.
     *
     * @return pairs that were neither in one cluster nor known to be different when they came
     */
    public long compared() {
        return pairs.compared();
    }
}
