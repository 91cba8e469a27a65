package io.github.gptmoe.data;

import java.util.Arrays;

/**
 * Counts of single tokens of the training stream, and of those pairs that the scored validation tokens ask for: an
 * open-addressing table from pair to its counts in both streams.
 */
final class BigramCounts {
    private static final long FREE = -1;
    private static final int READ_TOKENS = 1 << 16;

    private final double[] unigramV;
    private final long[] contextV;
    private long[] pairs = new long[1 << 16];
    private long[] wanted = new long[1 << 16];
    private long[] counted = new long[1 << 16];
    private int size;
    private long predictions;

    private BigramCounts(int vocabulary) {
        unigramV = new double[vocabulary];
        contextV = new long[vocabulary];
        Arrays.fill(pairs, FREE);
    }

    static BigramCounts of(TokenShards train, TokenShards validation, long targets, int vocabulary) {
        BigramCounts counts = new BigramCounts(vocabulary);
        forEachPair(validation, targets, counts::want);
        long[] singleV = new long[vocabulary];
        int[] first = new int[1];
        train.read(0, first);
        singleV[first[0]]++;
        forEachPair(train, train.tokens() - 1, (previous, next) -> {
            counts.count(previous, next);
            singleV[next]++;
        });
        for (int id = 0; id < vocabulary; id++) {
            counts.unigramV[id] = (singleV[id] + 1.0) / (train.tokens() + (double) vocabulary);
        }
        return counts;
    }

    double unigramLoss() {
        double sum = 0;
        for (int slot = 0; slot < pairs.length; slot++) {
            if (pairs[slot] != FREE) {
                sum -= wanted[slot] * Math.log(unigramV[(int) pairs[slot]]);
            }
        }
        return sum / predictions;
    }

    double bigramLoss(double smoothing) {
        double sum = 0;
        for (int slot = 0; slot < pairs.length; slot++) {
            if (pairs[slot] != FREE) {
                int previous = (int) (pairs[slot] >>> Integer.SIZE);
                double prior = smoothing * unigramV[(int) pairs[slot]];
                sum -= wanted[slot] * Math.log((counted[slot] + prior) / (contextV[previous] + smoothing));
            }
        }
        return sum / predictions;
    }

    private interface PairVisitor {
        void pair(int previous, int next);
    }

    private static void forEachPair(TokenShards stream, long pairs, PairVisitor visitor) {
        for (long start = 0; start < pairs; start += READ_TOKENS - 1) {
            int[] tokens = new int[(int) Math.min(READ_TOKENS, pairs + 1 - start)];
            stream.read(start, tokens);
            for (int i = 1; i < tokens.length; i++) {
                visitor.pair(tokens[i - 1], tokens[i]);
            }
        }
    }

    private void want(int previous, int next) {
        if (2 * size >= pairs.length) {
            grow();
        }
        long pair = pairOf(previous, next);
        int slot = slotOf(pair);
        if (pairs[slot] == FREE) {
            pairs[slot] = pair;
            size++;
        }
        wanted[slot]++;
        predictions++;
    }

    private void count(int previous, int next) {
        contextV[previous]++;
        long pair = pairOf(previous, next);
        int slot = slotOf(pair);
        if (pairs[slot] == pair) {
            counted[slot]++;
        }
    }

    private static long pairOf(int previous, int next) {
        return (long) previous << Integer.SIZE | next;
    }

    /** The slot of a pair, or the free one where it would go. */
    private int slotOf(long pair) {
        int slot = (int) Hashes.mix(pair) & pairs.length - 1;
        while (pairs[slot] != pair && pairs[slot] != FREE) {
            slot = slot + 1 & pairs.length - 1;
        }
        return slot;
    }

    /** Only while pairs are being collected, when nothing has been counted yet. */
    private void grow() {
        long[] oldPairs = pairs;
        long[] oldWanted = wanted;
        pairs = new long[2 * oldPairs.length];
        wanted = new long[pairs.length];
        counted = new long[pairs.length];
        Arrays.fill(pairs, FREE);
        for (int old = 0; old < oldPairs.length; old++) {
            if (oldPairs[old] != FREE) {
                int slot = slotOf(oldPairs[old]);
                pairs[slot] = oldPairs[old];
                wanted[slot] = oldWanted[old];
            }
        }
    }
}
