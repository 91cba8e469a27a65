package io.github.gptmoe.train.collective;

import java.util.ArrayList;
import java.util.List;

/**
 * A flat array that holds parameters one after the other, filled up to equal parts for the ranks: ZeRO's partition (Rajbhandari
 * et al., 2020, "ZeRO: memory optimizations toward training trillion parameter models", section 5).
 *
 * @param offsets first element of each parameter
 * @param sizes elements of each parameter
 * @param worldSize ranks W
 * @param shardSize elements of every rank's part; W of them hold all parameters
 */
public record ShardPlan(List<Long> offsets, List<Long> sizes, int worldSize, long shardSize) {
    /**
     * Parameters and parts begin at multiples of this: vector instructions and NCCL like it, and block-wise quantised moments,
     * whose blocks are as long, are never cut by the end of a part, so a checkpoint is the same for every number of ranks.
     */
    public static final int ALIGNMENT = 256;

    /**
     * Copies the lists.
     *
     * @param offsets as above
     * @param sizes as above
     * @param worldSize as above
     * @param shardSize as above
     */
    public ShardPlan {
        offsets = List.copyOf(offsets);
        sizes = List.copyOf(sizes);
    }

    /**
     * A stretch of one parameter that one rank owns.
     *
     * @param parameter index of the parameter
     * @param fromParameter first element inside the parameter
     * @param fromShard first element inside the rank's shard
     * @param length elements, at least 1
     */
    public record Piece(int parameter, long fromParameter, long fromShard, long length) {}

    /**
     * Lays parameters out.
     *
     * @param sizes elements of each, at least 1
     * @param worldSize ranks, at least 1
     * @return the plan
     */
    public static ShardPlan of(List<Long> sizes, int worldSize) {
        if (worldSize < 1) {
            throw new IllegalArgumentException("shards for " + worldSize + " ranks");
        }
        List<Long> offsets = new ArrayList<>(sizes.size());
        long total = 0;
        for (long size : sizes) {
            if (size < 1) {
                throw new IllegalArgumentException("a parameter of " + size + " elements");
            }
            offsets.add(total);
            total += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
        long unit = (long) worldSize * ALIGNMENT;
        return new ShardPlan(offsets, sizes, worldSize, (total + unit - 1) / unit * ALIGNMENT);
    }

    /**
     * The size of the flat array, with what fills it up.
     *
     * @return elements, a multiple of W
     */
    public long fullSize() {
        return shardSize * worldSize;
    }

    /**
     * What a rank owns.
     *
     * @param rank from 0 to W - 1
     * @return its stretches in order; what fills the array up, between parameters and at the end, belongs to none
     */
    public List<Piece> pieces(int rank) {
        if (rank < 0 || rank >= worldSize) {
            throw new IllegalArgumentException("rank " + rank + " of " + worldSize);
        }
        long start = rank * shardSize;
        long end = start + shardSize;
        List<Piece> pieces = new ArrayList<>();
        for (int parameter = 0; parameter < sizes.size(); parameter++) {
            long offset = offsets.get(parameter);
            long from = Math.max(start, offset);
            long to = Math.min(end, offset + sizes.get(parameter));
            if (from < to) {
                pieces.add(new Piece(parameter, from - offset, from - start, to - from));
            }
        }
        return pieces;
    }
}
