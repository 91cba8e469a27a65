package io.github.gptmoe.train;

import io.github.gptmoe.train.rendezvous.World;
import io.github.gptmoe.train.sharding.RankGroups;
import java.util.function.Consumer;
import java.util.function.Function;

/** Starts the ranks of this process and connects them with each other and with those of other processes. */
interface RankStarter {
    /** Ranks of this process. */
    int count();

    /** What ranks of several processes meet under: made by process 0, and handed to all in the {@link World}. */
    byte[] uniqueId();

    /**
     * Runs a body on every rank of this process and waits.
     *
     * @param world which ranks these are, and who is told when one fails
     * @param body what each does; never returns null
     * @param report is given the stacks of all ranks when one is stuck
     * @return the result of the first rank of this process
     */
    <R> R run(World world, Function<RankGroups, R> body, Consumer<String> report);
}
