package io.github.gptmoe.train;

import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.rendezvous.RankEnvironment;
import io.github.gptmoe.train.rendezvous.Rendezvous;
import io.github.gptmoe.train.rendezvous.RendezvousTiming;
import io.github.gptmoe.train.rendezvous.World;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A process's part in a run: where it meets the others, and what its ranks are started with.
 *
 * @param environment which process it is
 * @param ranks those it brings
 * @param timing how long processes wait for each other to come, and to give signs of life
 */
record Node(RankEnvironment environment, RankStarter ranks, RendezvousTiming timing) {
    /** Machines of a job do not start at once; what a run prepares afterwards has no deadline. */
    static final RendezvousTiming TIMING = RendezvousTiming.of(Duration.ofMinutes(10));

    /**
     * Meets the other processes of the run. That comes first, before text is packed, which may take longer than any deadline
     * for coming; so the data is agreed on later, by {@link World#settle}.
     *
     * @param config must be the same in all
     * @param told of who is waited for
     * @return the world; close it at the end
     */
    World join(RunConfig config, Consumer<String> told) {
        return new Rendezvous(environment, ranks.count(), RunFolder.hash(config), timing).join(ranks::uniqueId, told);
    }
}
