package io.github.gptmoe.data.bpe;

import java.util.Arrays;

/**
 * Pairs in the order in which they are merged: the most frequent first; of equally frequent ones the one with fewer
 * characters, then the one whose text comes first by code points, then the one that was seen first.
 *
 * <p>Only pairs with at least {@link #threshold} occurrences are in the heap. The others, nearly all, wait where they are
 * until the threshold falls, which is found out by looking at every pair; as it falls by half, that happens a dozen times.
 */
final class PairQueue {
    private final Pairs pairs;
    private final PieceTable pieces;
    private int[] heap = new int[1 << 10];
    private int size;
    private long threshold = Long.MAX_VALUE;

    PairQueue(Pairs pairs, PieceTable pieces) {
        this.pairs = pairs;
        this.pieces = pieces;
    }

    /** Takes the first pair, by the counts as they are known; -1 if none is left. */
    int take() {
        while (size == 0) {
            if (threshold == 1) {
                return -1;
            }
            lower();
        }
        int first = heap[0];
        int last = heap[--size];
        if (size > 0) {
            sink(0, last);
        }
        return first;
    }

    /** Adds a pair that is not in the queue, after it was made or its count has changed. */
    void add(int pair) {
        if (pairs.count(pair) >= threshold) {
            push(pair);
        }
    }

    /** Looks at all pairs anew, after their numbers have changed. */
    void rebuild() {
        size = 0;
        collect();
    }

    private void lower() {
        long most = 0;
        for (int pair = 0; pair < pairs.size(); pair++) {
            most = Math.max(most, pairs.count(pair));
        }
        threshold = Math.max(1, most / 2);
        collect();
    }

    private void collect() {
        for (int pair = 0; pair < pairs.size(); pair++) {
            add(pair);
        }
    }

    private void push(int pair) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        int at = size++;
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            if (!before(pair, heap[parent])) {
                break;
            }
            heap[at] = heap[parent];
            at = parent;
        }
        heap[at] = pair;
    }

    private void sink(int from, int pair) {
        int at = from;
        int child = 2 * at + 1;
        while (child < size) {
            if (child + 1 < size && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (!before(heap[child], pair)) {
                break;
            }
            heap[at] = heap[child];
            at = child;
            child = 2 * at + 1;
        }
        heap[at] = pair;
    }

    private boolean before(int a, int b) {
        long countA = pairs.count(a);
        long countB = pairs.count(b);
        if (countA != countB) {
            return countA > countB;
        }
        int lengthA = pieces.length(pairs.left(a)) + pieces.length(pairs.right(a));
        int lengthB = pieces.length(pairs.left(b)) + pieces.length(pairs.right(b));
        if (lengthA != lengthB) {
            return lengthA < lengthB;
        }
        int order = pieces.compare(pairs.left(a), pairs.right(a), pairs.left(b), pairs.right(b));
        return order != 0 ? order < 0 : a < b;
    }
}
