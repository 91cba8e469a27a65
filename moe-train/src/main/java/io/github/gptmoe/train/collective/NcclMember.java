package io.github.gptmoe.train.collective;

/**
 * One rank's place.
 *
 * @param rank from 0 to {@code worldSize} - 1
 * @param worldSize ranks of all processes together
 * @param device number of its GPU in this process
 */
public record NcclMember(int rank, int worldSize, int device) {
    /**
     * Refuses what cannot be.
     *
     * @param rank as above
     * @param worldSize as above
     * @param device as above
     */
    public NcclMember {
        if (worldSize < 1 || rank < 0 || rank >= worldSize) {
            throw new IllegalArgumentException("rank " + rank + " in a group of " + worldSize);
        }
        if (device < 0) {
            throw new IllegalArgumentException("device " + device);
        }
    }
}
