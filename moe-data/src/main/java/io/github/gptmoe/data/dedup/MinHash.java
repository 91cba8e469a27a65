package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.Hashes;
import java.util.Arrays;

/**
 * Signatures whose values agree with the probability of the Jaccard similarity (Broder 1997). Value i is the least of
 * {@code g_i(h)} over the hashes h of all shingles, {@code g_i} a bijection of the 32-bit integers: xor with b_i, product with odd a_i, xor with
 * the own high half. Of hashes that are random, each is the least with equal probability, so the value of two texts is equal
 * with probability |A and B| / |A or B|, up to pairs of shingles that collide in 32 bits.
 *
 * <p>Constants are fixed: signatures of different runs and machines can be compared. Immutable; for several threads.
 */
public final class MinHash {
    private static final long SEED = 0x6D6F652D64656475L;

    private final int[] factors;
    private final int[] masks;

    /**
     * Makes the functions.
     *
     * @param values length of a signature
     */
    public MinHash(int values) {
        factors = new int[values];
        masks = new int[values];
        for (int i = 0; i < values; i++) {
            long random = Hashes.mix(SEED + i);
            factors[i] = (int) random | 1;
            masks[i] = (int) (random >>> 32);
        }
    }

    /**
     * Signs a text.
     *
     * @param text not empty
     * @param shingle characters of a shingle
     * @return the signature, owned by the caller
     */
    public int[] sign(MatchText text, int shingle) {
        int[] least = new int[factors.length];
        Arrays.fill(least, Integer.MAX_VALUE);
        for (long hash : Shingles.all(text, shingle)) {
            improve(least, (int) (hash >>> 32));
        }
        return least;
    }

    /** The inner loop: plain arrays and integers, which the compiler turns into vector instructions. */
    private void improve(int[] least, int hash) {
        for (int i = 0; i < least.length; i++) {
            int value = (hash ^ masks[i]) * factors[i];
            least[i] = Math.min(least[i], value ^ (value >>> 16));
        }
    }

    /**
     * Estimates the similarity of two texts.
     *
     * @param one a signature
     * @param other a signature
     * @return the share of equal values; its variance is J (1 - J) / length
     */
    public static double similarity(int[] one, int[] other) {
        int equal = 0;
        for (int i = 0; i < one.length; i++) {
            equal += one[i] == other[i] ? 1 : 0;
        }
        return (double) equal / one.length;
    }
}
