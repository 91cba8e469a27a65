package io.github.gptmoe.train.sharding;

import io.github.gptmoe.core.model.ModelParameter;

/**
 * The experts of every layer that a rank has: those from {@code rank E / ranks} on, {@code E / ranks} of them.
 *
 * @param rank this rank among those that share the experts
 * @param ranks how many share them
 */
public record ExpertRange(int rank, int ranks) {
    /** All experts. */
    public static final ExpertRange ALL = new ExpertRange(0, 1);

    boolean contains(ModelParameter.Expert expert) {
        return expert.index() / (expert.of() / ranks) == rank;
    }
}
