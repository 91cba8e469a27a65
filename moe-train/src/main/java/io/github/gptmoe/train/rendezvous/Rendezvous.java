package io.github.gptmoe.train.rendezvous;

import io.github.gptmoe.train.collective.FirstFailure;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Where the processes of a run meet: at process 0, over TCP.
 *
 * @param environment which process this is
 * @param localRanks ranks that it brings
 * @param configHash of everything that must be equal in all processes
 * @param timing how long to wait
 */
public record Rendezvous(RankEnvironment environment, int localRanks, String configHash, RendezvousTiming timing) {
    /** More than this in one process is taken for a mistake. */
    public static final int MOST_LOCAL_RANKS = 1024;

    /**
     * Refuses what no world can have.
     *
     * @param environment as above
     * @param localRanks as above
     * @param configHash as above
     * @param timing as above
     */
    public Rendezvous {
        if (localRanks < 1 || localRanks > MOST_LOCAL_RANKS) {
            throw new IllegalArgumentException(localRanks + " ranks in a process");
        }
    }

    /**
     * Waits until all processes have come.
     *
     * @param uniqueId called by process 0 when they have: what NCCL is to meet under, at most 128 bytes
     * @param told of what a person may want to know: who is waited for, connections that are none of ours
     * @return the world; close it at an orderly end
     * @throws io.github.gptmoe.data.InputException if processes disagree, are missing, or cannot be reached
     */
    public World join(Supplier<byte[]> uniqueId, Consumer<String> told) {
        if (environment.alone()) {
            return World.alone(localRanks, uniqueId.get());
        }
        FirstFailure failure = new FirstFailure();
        return environment.process() == 0
                ? new Hub(this, failure, told).gather(uniqueId)
                : new Spoke(this, failure, told).join();
    }

    Introduction introduction() {
        return new Introduction(environment.processes(), environment.process(), localRanks, configHash);
    }

    String meetingPoint() {
        return environment.masterAddress() + ":" + environment.masterPort();
    }
}
