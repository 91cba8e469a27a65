package io.github.gptmoe.train.rendezvous;

import io.github.gptmoe.train.collective.FirstFailure;
import java.util.List;

/**
 * All processes of a run, agreed. Their ranks are numbered by process, then inside the process. While it is open, a failure of
 * one process becomes that of all.
 */
public final class World implements AutoCloseable {
    private final int process;
    private final List<Integer> localRanks;
    private final byte[] uniqueId;
    private final FirstFailure failure;
    private final Runnable leave;

    World(int process, WorldTable table, FirstFailure failure, Runnable leave) {
        this.process = process;
        this.localRanks = List.copyOf(table.localRanks());
        this.uniqueId = table.uniqueId().clone();
        this.failure = failure;
        this.leave = leave;
    }

    /**
     * This process's number.
     *
     * @return from 0
     */
    public int process() {
        return process;
    }

    /**
     * The number of processes.
     *
     * @return at least 1
     */
    public int processes() {
        return localRanks.size();
    }

    /**
     * Ranks of all processes.
     *
     * @return the world size as collectives count it
     */
    public int worldSize() {
        return sum(localRanks);
    }

    /**
     * The number of this process's first rank.
     *
     * @return the ranks of processes with lower numbers
     */
    public int firstRank() {
        return sum(localRanks.subList(0, process));
    }

    /**
     * Ranks of this process.
     *
     * @return how many
     */
    public int localRanks() {
        return localRanks.get(process);
    }

    /**
     * What process 0 handed out for NCCL.
     *
     * @return a copy
     */
    public byte[] uniqueId() {
        return uniqueId.clone();
    }

    /**
     * The failure of any process.
     *
     * @return set it to make all processes stop
     */
    public FirstFailure failure() {
        return failure;
    }

    /** Says good-bye: others that end later do not take it for a failure. */
    @Override
    public void close() {
        leave.run();
    }

    private static int sum(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).sum();
    }
}
