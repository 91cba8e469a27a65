package io.github.gptmoe.data.corpus;

import io.github.gptmoe.data.Hashes;
import java.io.Serializable;
import java.util.Arrays;

/** A map from longs to ints without objects: open addressing, at most half full. A key that is absent has the value 0. */
public final class LongTable implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final int MOST_SLOTS = 1 << 30;

    private long[] keys;
    private int[] values;
    private boolean[] used;
    private int size;

    /**
     * Makes an empty table.
     *
     * @param expected keys that fit without growing
     */
    public LongTable(int expected) {
        int slots = Math.max(16, Integer.highestOneBit(Math.max(1, Math.min(expected, MOST_SLOTS / 4))) << 2);
        keys = new long[slots];
        values = new int[slots];
        used = new boolean[slots];
    }

    /**
     * Reads a value.
     *
     * @param key any
     * @return its value, 0 if there is none
     */
    public int get(long key) {
        int slot = slot(key);
        return used[slot] ? values[slot] : 0;
    }

    /**
     * Sets a value.
     *
     * @param key any
     * @param value any
     */
    public void put(long key, int value) {
        int slot = claim(key); // Before the array is looked at, which it may replace.
        values[slot] = value;
    }

    /**
     * Adds to a value.
     *
     * @param key any
     * @param amount what to add
     * @return the sum
     */
    public int add(long key, int amount) {
        int slot = claim(key);
        values[slot] += amount;
        return values[slot];
    }

    /**
     * The number of keys.
     *
     * @return a count
     */
    public int size() {
        return size;
    }

    private int claim(long key) {
        int slot = slot(key);
        if (used[slot]) {
            return slot;
        }
        if (2 * (size + 1) > keys.length) {
            grow();
            slot = slot(key);
        }
        used[slot] = true;
        keys[slot] = key;
        size++;
        return slot;
    }

    private int slot(long key) {
        int slot = (int) Hashes.mix(key) & (keys.length - 1);
        while (used[slot] && keys[slot] != key) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    private void grow() {
        if (keys.length >= MOST_SLOTS) {
            throw new IllegalStateException("more than " + size + " keys in one table");
        }
        long[] oldKeys = keys;
        int[] oldValues = values;
        boolean[] oldUsed = used;
        keys = new long[2 * oldKeys.length];
        values = new int[keys.length];
        used = new boolean[keys.length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldUsed[i]) {
                int slot = slot(oldKeys[i]);
                used[slot] = true;
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }

    /** Forgets all keys and keeps the room. */
    public void clear() {
        Arrays.fill(used, false);
        Arrays.fill(values, 0);
        size = 0;
    }
}
