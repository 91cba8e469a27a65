package io.github.gptmoe.eval;

/**
 * Random numbers as a function of seed and counter: nothing to carry along, and equal on every machine. Two rounds of the
 * SplitMix64 finaliser (Steele et al. 2014, Fast Splittable Pseudorandom Number Generators).
 */
public final class CounterRandom {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final int MANTISSA_BITS = 53;

    private CounterRandom() {}

    /**
     * A number in [0, 1), uniform over multiples of 2^-53.
     *
     * @param seed of a sequence
     * @param counter which number of it
     * @return the number
     */
    public static double uniform(long seed, long counter) {
        long bits = mix(mix(seed + GOLDEN_GAMMA) + (counter + 1) * GOLDEN_GAMMA);
        return (bits >>> (Long.SIZE - MANTISSA_BITS)) * 0x1.0p-53;
    }

    /**
     * A seed of its own for each number.
     *
     * @param seed from which others are derived
     * @param number which of them; 0 only mixes the seed
     * @return the seed
     */
    public static long derived(long seed, long number) {
        return mix(mix(seed + GOLDEN_GAMMA) ^ mix(number * GOLDEN_GAMMA));
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
