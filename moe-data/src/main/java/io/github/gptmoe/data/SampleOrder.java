package io.github.gptmoe.data;

/**
 * A pseudo-random order of the samples of every epoch, without a table. For each (seed, epoch) the map from position to
 * index is a permutation of 0 to count - 1: a balanced Feistel network over the smallest power of four that is not below
 * count, applied again while the result lies outside (cycle walking, four times on average at most).
 *
 * @param seed equal seeds give equal orders
 * @param count the number of samples of an epoch, at least 1
 * @see <a href="https://doi.org/10.1007/3-540-45760-7_9">Black and Rogaway, Ciphers with arbitrary finite domains</a>
 */
public record SampleOrder(long seed, long count) {
    private static final int ROUNDS = 6;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    /**
     * Checks the count.
     *
     * @param seed any number
     * @param count at least 1
     */
    public SampleOrder {
        if (count < 1) {
            throw new IllegalArgumentException("an order needs at least one sample, not " + count);
        }
    }

    /**
     * Returns which sample stands at a position.
     *
     * @param epoch the pass over the data, from 0
     * @param position from 0 to count - 1
     * @return the sample's index, from 0 to count - 1
     */
    public long index(long epoch, long position) {
        if (position < 0 || position >= count) {
            throw new IndexOutOfBoundsException("position " + position + " of " + count);
        }
        int halfBits = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(count - 1) + 1) / 2);
        long key = Hashes.mix(Hashes.mix(seed) + (epoch + 1) * GOLDEN);
        long value = position;
        do {
            value = permute(value, halfBits, key);
        } while (Long.compareUnsigned(value, count) >= 0);
        return value;
    }

    private static long permute(long value, int halfBits, long key) {
        long mask = (1L << halfBits) - 1;
        long left = value >>> halfBits;
        long right = value & mask;
        for (int round = 0; round < ROUNDS; round++) {
            long mixed = Hashes.mix(key + round * GOLDEN + right) & mask;
            long swapped = left ^ mixed;
            left = right;
            right = swapped;
        }
        return left << halfBits | right;
    }
}
