package io.github.gptmoe.train;

import io.github.gptmoe.train.checkpoint.Checkpoint;
import java.util.Optional;

/**
 * What a run begins with, or goes on from. At most one of the two is there; with neither, weights are those of the seed.
 *
 * @param continued everything is taken from it: the run goes on
 * @param weights only the weights are: the run begins, with a fresh optimizer and its own data
 */
record Start(Optional<Checkpoint> continued, Optional<Checkpoint> weights) {
    /** Name in a checkpoint's versions, of a run that began with the weights of another. */
    static final String INITIAL_WEIGHTS = "initialWeights";

    static Start goingOn(Checkpoint checkpoint) {
        return new Start(Optional.of(checkpoint), Optional.empty());
    }

    /** Where the weights of step 0 were from, as checkpoints of the run say it; empty for those of a seed. */
    Optional<String> origin() {
        return continued.isPresent()
                ? continued.map(from -> from.manifest().versions().get(INITIAL_WEIGHTS))
                : weights.map(from -> "run " + from.manifest().runId() + ", step "
                        + from.manifest().state().step());
    }
}
