package io.github.gptmoe.data;

import java.util.Arrays;

/** Two symbols to the piece that they make: a hash table with open addressing. Read by several threads once it is filled. */
final class PairTable {
    private static final long EMPTY = -1;
    private static final long MIXER = 0x9E3779B97F4A7C15L;

    private long[] keys = new long[1 << 10];
    private int[] pieces = new int[1 << 10];
    private int shift = Long.SIZE - 10;
    private int size;

    PairTable() {
        Arrays.fill(keys, EMPTY);
    }

    private static long key(int left, int right) {
        return ((long) left << Integer.SIZE) | right;
    }

    /** The slot of the pair, or the empty one where it belongs. */
    private int slot(long key) {
        int slot = (int) ((key * MIXER) >>> shift);
        while (keys[slot] != key && keys[slot] != EMPTY) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    /** Adds a pair; symbols are not negative. */
    void put(int left, int right, int piece) {
        if (4 * size > keys.length) {
            enlarge();
        }
        int slot = slot(key(left, right));
        size += keys[slot] == EMPTY ? 1 : 0;
        keys[slot] = key(left, right);
        pieces[slot] = piece;
    }

    private void enlarge() {
        long[] oldKeys = keys;
        int[] oldPieces = pieces;
        keys = new long[2 * oldKeys.length];
        pieces = new int[keys.length];
        Arrays.fill(keys, EMPTY);
        shift--;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != EMPTY) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                pieces[slot] = oldPieces[i];
            }
        }
    }

    /** The piece that two symbols make, or -1. */
    int get(int left, int right) {
        long key = key(left, right);
        int slot = slot(key);
        return keys[slot] == key ? pieces[slot] : -1;
    }
}
