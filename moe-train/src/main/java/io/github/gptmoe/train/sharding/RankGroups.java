package io.github.gptmoe.train.sharding;

import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.collective.SingleProcess;

/**
 * The groups that a rank is in.
 *
 * @param world all ranks
 * @param experts the ranks among which the experts of a layer are divided, the group of one if they are not
 * @param replicas the ranks that have the same experts as this one
 */
public record RankGroups(ProcessGroup world, ProcessGroup experts, ProcessGroup replicas) {
    /**
     * Every rank has all experts.
     *
     * @param world all ranks
     * @return the groups
     */
    public static RankGroups dataParallel(ProcessGroup world) {
        return new RankGroups(world, new SingleProcess(), world);
    }

    /** The ranks that hold the same parameters as this one, and share the work on them. */
    ProcessGroup of(Bucket bucket) {
        return bucket.experts() ? replicas : world;
    }

    /** Whether this rank, and not another with the same numbers, speaks for a bucket in a sum over all ranks. */
    boolean speaksFor(Bucket bucket, int zeroStage) {
        return zeroStage > 0 || of(bucket).rank() == 0;
    }
}
