package io.github.gptmoe.train.sharding;

import io.github.gptmoe.core.model.ExpertExchange;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.collective.SingleProcess;
import io.github.gptmoe.train.collective.Traffic;
import org.jspecify.annotations.Nullable;

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

    /**
     * The experts that this rank has.
     *
     * @return all of them, if they are not divided
     */
    public ExpertRange expertRange() {
        return new ExpertRange(experts.rank(), experts.worldSize());
    }

    /**
     * How tokens get to the experts of other ranks.
     *
     * @return null if experts are not divided
     */
    public @Nullable ExpertExchange exchange() {
        return experts.worldSize() == 1 ? null : new GroupExchange(experts);
    }

    /**
     * What this rank has sent, in all its groups.
     *
     * @return running totals
     */
    public Traffic traffic() {
        return experts.worldSize() == 1
                ? world.traffic()
                : world.traffic().plus(experts.traffic()).plus(replicas.traffic());
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
