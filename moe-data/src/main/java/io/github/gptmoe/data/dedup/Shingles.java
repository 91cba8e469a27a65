package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.Hashes;
import java.util.Arrays;

/** The shingles of a text, all its parts of one length, as 64-bit hashes. A shorter text is one shingle, itself. */
public final class Shingles {
    private static final long BASE = 0x9E3779B97F4A7C15L;

    private Shingles() {}

    /**
     * Hashes the shingles of a text.
     *
     * @param text not empty
     * @param length characters of a shingle
     * @return a hash for each place, equal shingles repeated; owned by the caller
     */
    static long[] all(MatchText text, int length) {
        int size = Math.min(length, text.length());
        long[] hashes = new long[text.length() - size + 1];
        long power = 1;
        for (int i = 1; i < size; i++) {
            power *= BASE;
        }
        long rolling = 0;
        for (int i = 0; i < text.length(); i++) {
            if (i >= size) {
                rolling -= power * (text.at(i - size) + 1);
            }
            rolling = rolling * BASE + text.at(i) + 1;
            if (i >= size - 1) {
                hashes[i - size + 1] = Hashes.mix(rolling);
            }
        }
        return hashes;
    }

    /**
     * The set of shingles of a text.
     *
     * @param text any
     * @param length characters of a shingle
     * @return distinct hashes in ascending order, owned by the caller; none for an empty text
     */
    public static long[] distinct(MatchText text, int length) {
        if (text.length() == 0) {
            return new long[0];
        }
        long[] hashes = all(text, length);
        Arrays.sort(hashes);
        int count = 0;
        for (int i = 0; i < hashes.length; i++) {
            if (i == 0 || hashes[i] != hashes[i - 1]) {
                hashes[count++] = hashes[i];
            }
        }
        return Arrays.copyOf(hashes, count);
    }

    /**
     * The Jaccard similarity of two sets: {@code |A and B| / |A or B|}.
     *
     * @param one distinct, ascending
     * @param other distinct, ascending
     * @return from 0 to 1; 0 for two empty sets
     */
    public static double jaccard(long[] one, long[] other) {
        int i = 0;
        int k = 0;
        int shared = 0;
        while (i < one.length && k < other.length) {
            if (one[i] == other[k]) {
                shared++;
                i++;
                k++;
            } else if (one[i] < other[k]) {
                i++;
            } else {
                k++;
            }
        }
        int union = one.length + other.length - shared;
        return union == 0 ? 0 : (double) shared / union;
    }
}
