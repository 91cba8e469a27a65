package io.github.gptmoe.data;

import java.nio.file.Path;

/**
 * How to pack, without influence on what comes of it.
 *
 * @param threads that tokenise, at least 1
 * @param quarantine where bad rows go under the policy of that name
 * @param partCharacters text between two points from which a killed packing goes on, in UTF-16 units
 * @param maxShardBytes the largest file of tokens
 */
public record PackOptions(int threads, Path quarantine, long partCharacters, long maxShardBytes) {
    private static final long PART_CHARACTERS = 64L << 20;

    /**
     * Checks the numbers.
     *
     * @param threads as above
     * @param quarantine as above
     * @param partCharacters at least 1
     * @param maxShardBytes from 4 to 2^30
     */
    public PackOptions {
        if (threads < 1 || partCharacters < 1 || maxShardBytes < Integer.BYTES || maxShardBytes > 1 << 30) {
            throw new IllegalArgumentException(
                    threads + " threads, parts of " + partCharacters + " characters, shards of " + maxShardBytes);
        }
    }

    /**
     * The usual ones.
     *
     * @param threads that tokenise; 0 leaves it to the machine
     * @param quarantine where bad rows go under the policy of that name
     * @return options
     */
    public static PackOptions of(int threads, Path quarantine) {
        PackSettings machine = PackSettings.ofMachine();
        return new PackOptions(
                threads == 0 ? machine.threads() : threads, quarantine, PART_CHARACTERS, machine.maxShardBytes());
    }
}
