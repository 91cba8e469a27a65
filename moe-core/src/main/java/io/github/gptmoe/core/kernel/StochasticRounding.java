package io.github.gptmoe.core.kernel;

import java.util.List;

/**
 * What decides how FP32 numbers are rounded to BF16 so that the mean over many updates is the number itself: noise is added to
 * the 16 bits that are cut off. The noise is a function of seed, update, name of the parameter and element alone, so the same
 * run gives the same bits, in whatever parts and by whatever threads its parameters are updated.
 *
 * @param seed of the run
 * @param names of the parameters, entry i that of array i
 * @param from first element of each array inside its parameter; even
 */
public record StochasticRounding(long seed, List<String> names, List<Long> from) {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final long FNV_START = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    private static final int NUMBERS = 5;

    /**
     * Copies the lists.
     *
     * @param seed as above
     * @param names as above
     * @param from as above
     */
    public StochasticRounding {
        names = List.copyOf(names);
        from = List.copyOf(from);
        if (from.stream().anyMatch(first -> first % 2 != 0)) {
            throw new IllegalArgumentException(
                    "two neighbours share a hash, so arrays begin at even elements: " + from);
        }
    }

    /** Two 32-bit keys for the weight, the first element, and two keys for the second moment, for each array. */
    long[] numbers(long update) {
        long[] numbers = new long[NUMBERS * names.size()];
        for (int i = 0; i < names.size(); i++) {
            long key = mixed(mixed(mixed(seed) + update) + hash(names.get(i)));
            long other = mixed(key + GOLDEN);
            numbers[NUMBERS * i] = (int) key;
            numbers[NUMBERS * i + 1] = key >> 32;
            numbers[NUMBERS * i + 2] = from.get(i);
            numbers[NUMBERS * i + 3] = (int) other;
            numbers[NUMBERS * i + 4] = other >> 32;
        }
        return numbers;
    }

    /** FNV-1a over the characters: the same on every machine. */
    private static long hash(String name) {
        long hash = FNV_START;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * FNV_PRIME;
        }
        return hash;
    }

    /** SplitMix64's finish (Steele et al. 2014). */
    private static long mixed(long value) {
        long z = value + GOLDEN;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
