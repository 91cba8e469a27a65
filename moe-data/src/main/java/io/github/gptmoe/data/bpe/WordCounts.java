package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.InputException;
import java.util.Arrays;

/**
 * The distinct words of a text and how often each occurs. A word is what no piece may reach beyond: from one space to the
 * next, or a whole sentence. The code points of all words lie one after the other in one array, so memory is that of the
 * distinct words. Not for several threads.
 */
final class WordCounts {
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;
    private static final int HASH_FACTOR = 0x9E3779B1;

    private int[] points = new int[1 << 16];
    private int[] starts = new int[1 << 12];
    private long[] counts = new long[1 << 12];
    private int words;
    /** Open addressing: a word's number plus one, or 0. A power of two, at most half full. */
    private int[] table = new int[1 << 13];

    int words() {
        return words;
    }

    /** Counts the word from {@code start} to {@code end}, without the end, of an array. */
    void add(int[] text, int start, int end, long count) {
        int length = end - start;
        int slot = hash(text, start, end) & table.length - 1;
        while (table[slot] != 0) {
            int word = table[slot] - 1;
            int from = starts[word];
            if (starts[word + 1] - from == length && Arrays.equals(points, from, from + length, text, start, end)) {
                counts[word] += count;
                return;
            }
            slot = slot + 1 & table.length - 1;
        }
        append(text, start, length, count);
        table[slot] = words;
        if (2 * words > table.length) {
            enlargeTable();
        }
    }

    private void append(int[] text, int start, int length, long count) {
        int used = starts[words];
        // Borders are added between words later.
        if (length > LARGEST_ARRAY - used - 2 - words) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "the text has more than " + LARGEST_ARRAY
                            + " characters of distinct words; train on a part of it with --sample N");
        }
        if (used + length > points.length) {
            points = Arrays.copyOf(points, grown(points.length, used + length));
        }
        if (words + 1 == starts.length) {
            starts = Arrays.copyOf(starts, grown(starts.length, words + 2));
            counts = Arrays.copyOf(counts, starts.length);
        }
        System.arraycopy(text, start, points, used, length);
        counts[words] = count;
        words++;
        starts[words] = used + length;
    }

    private static int grown(int size, int needed) {
        return (int) Math.min(LARGEST_ARRAY, Math.max(needed, size + (long) (size >> 1)));
    }

    private void enlargeTable() {
        if (table.length == 1 << 30) {
            return; // Fuller than half from here on, which is only slower.
        }
        int[] larger = new int[2 * table.length];
        for (int word = 0; word < words; word++) {
            int slot = hash(points, starts[word], starts[word + 1]) & larger.length - 1;
            while (larger[slot] != 0) {
                slot = slot + 1 & larger.length - 1;
            }
            larger[slot] = word + 1;
        }
        table = larger;
    }

    private static int hash(int[] text, int start, int end) {
        int hash = end - start;
        for (int i = start; i < end; i++) {
            hash = (hash ^ text[i]) * HASH_FACTOR;
            hash ^= hash >>> 15;
        }
        return hash;
    }

    /** Code points of all words; the word w lies from {@code start(w)} to {@code start(w + 1)}. Not to be changed. */
    int[] points() {
        return points;
    }

    int start(int word) {
        return starts[word];
    }

    long count(int word) {
        return counts[word];
    }

    /** Frees everything. */
    void release() {
        table = new int[0];
        points = new int[0];
        starts = new int[0];
        counts = new long[0];
        words = 0;
    }
}
