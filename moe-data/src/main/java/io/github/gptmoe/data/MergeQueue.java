package io.github.gptmoe.data;

import java.util.Arrays;

/**
 * Merges that are possible, the first one first: a heap of numbers, each a rank of 20 bits, a place of 27 and a length of
 * 16. So the lowest rank is taken, of equal ones the leftmost place.
 */
final class MergeQueue {
    /** Places are below this. */
    static final int MOST_PLACES = 1 << 27;

    private static final int LENGTH_BITS = 16;
    private static final int PLACE_BITS = 27;

    private long[] heap = new long[1 << 8];
    private int size;

    static int place(long merge) {
        return (int) (merge >>> LENGTH_BITS) & (MOST_PLACES - 1);
    }

    static int length(long merge) {
        return (int) merge & ((1 << LENGTH_BITS) - 1);
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(int rank, int place, int length) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        long merge = ((long) rank << (PLACE_BITS + LENGTH_BITS)) | ((long) place << LENGTH_BITS) | length;
        int at = size++;
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            if (heap[parent] <= merge) {
                break;
            }
            heap[at] = heap[parent];
            at = parent;
        }
        heap[at] = merge;
    }

    /** Takes the first; there must be one. */
    long take() {
        long first = heap[0];
        long last = heap[--size];
        int at = 0;
        int child = 1;
        while (child < size) {
            if (child + 1 < size && heap[child + 1] < heap[child]) {
                child++;
            }
            if (last <= heap[child]) {
                break;
            }
            heap[at] = heap[child];
            at = child;
            child = 2 * at + 1;
        }
        heap[at] = last;
        return first;
    }
}
