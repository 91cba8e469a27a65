package io.github.gptmoe.train;

import io.github.gptmoe.train.sharding.RankGroups;
import java.util.function.Consumer;
import java.util.function.Function;

/** Starts the ranks of a run and connects them. */
interface RankStarter {
    /**
     * Runs a body on every rank and waits.
     *
     * @param body what each does; never returns null
     * @param report is given the stacks of all ranks when one is stuck
     * @return the result of rank 0
     */
    <R> R run(Function<RankGroups, R> body, Consumer<String> report);
}
