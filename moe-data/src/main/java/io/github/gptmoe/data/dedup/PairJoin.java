package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.corpus.LongTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares pairs of documents in batches and joins those of at least a threshold. Pairs whose documents are in one cluster already, or were
 * found different, are not compared again. Batches end at fixed counts, so what is compared depends on the pairs and their order alone.
 */
final class PairJoin {
    private static final int BATCH = 2048;
    private static final int MOST_REJECTED = 1 << 22;

    private final Clusters clusters;
    private final double threshold;
    private final Comparison comparison;
    private final List<Pair> batch = new ArrayList<>();
    private LongTable rejected = new LongTable(1 << 12);
    private long compared;

    /** Two documents, the first of them the earlier one. */
    record Pair(int one, int other) {
        long key() {
            return ((long) one << 32) | other;
        }
    }

    /** How similar the documents of pairs are. */
    interface Comparison {
        /** Returns the similarities in the order of the pairs. */
        List<Double> of(List<Pair> pairs);
    }

    PairJoin(Clusters clusters, double threshold, Comparison comparison) {
        this.clusters = clusters;
        this.threshold = threshold;
        this.comparison = comparison;
    }

    /** Takes a pair; true if a batch was compared. */
    boolean offer(int earlier, int later) {
        Pair pair = new Pair(earlier, later);
        if (clusters.first(earlier) != clusters.first(later) && rejected.get(pair.key()) == 0) {
            batch.add(pair);
        }
        if (batch.size() < BATCH) {
            return false;
        }
        compare();
        return true;
    }

    /** Compares the pairs that are left. */
    void end() {
        compare();
    }

    private void compare() {
        List<Double> similarities = comparison.of(batch);
        for (int i = 0; i < batch.size(); i++) {
            Pair pair = batch.get(i);
            double found = similarities.get(i);
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

    /** The keys of the pairs that wait for their batch. */
    Set<Long> waiting() {
        return batch.stream().map(Pair::key).collect(Collectors.toSet());
    }

    /** Pairs whose similarity was asked for. */
    long compared() {
        return compared;
    }
}
