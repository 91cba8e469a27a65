package io.github.gptmoe.train.rendezvous;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.gptmoe.train.collective.FirstFailure;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * All processes of a run, agreed. Their ranks are numbered by process, then inside the process. While it is open, a failure of
 * one process becomes that of all.
 */
public final class World implements AutoCloseable {
    private final int process;
    private final List<Integer> localRanks;
    private final byte[] uniqueId;
    private final FirstFailure failure;
    private final Agreement agreement;
    private final Runnable leave;

    World(int process, WorldTable table, FirstFailure failure, Agreement agreement, Runnable leave) {
        this.process = process;
        this.localRanks = List.copyOf(table.localRanks());
        this.uniqueId = table.uniqueId().clone();
        this.failure = failure;
        this.agreement = agreement;
        this.leave = leave;
    }

    /**
     * The world of a process that is alone.
     *
     * @param localRanks ranks that it brings
     * @param uniqueId for NCCL; may be empty
     * @return the world; closing it does nothing
     */
    public static World alone(int localRanks, byte[] uniqueId) {
        return new World(
                0,
                new WorldTable(List.of(localRanks), uniqueId),
                new FirstFailure(),
                (own, decide) -> decide.apply(List.of(own)),
                () -> {});
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

    /**
     * Has process 0 decide something out of what all processes say. All call it, in the same order; everyone waits as long as
     * the others live, so process 0 may do an hour's work before it calls, or in {@code decide}. Where it cannot decide, it
     * throws, inside {@link #run}.
     *
     * @param own what this process says; it and the answer have at most 64 KiB
     * @param decide makes the answer out of what all say, in the order of the processes; called in process 0 only
     * @return the answer
     * @throws io.github.gptmoe.train.collective.CollectiveException if a process has failed, died or left
     */
    public String settle(String own, Function<List<String>, String> decide) {
        byte[] answer = agreement.settle(
                own.getBytes(UTF_8),
                said -> decide.apply(said.stream()
                                .map(bytes -> new String(bytes, UTF_8))
                                .toList())
                        .getBytes(UTF_8));
        return new String(answer, UTF_8);
    }

    /**
     * Runs what this process does in the world. If it fails, all others end with its cause; if another fails, it ends with
     * that cause within two seconds, whatever it is doing.
     *
     * @param <R> result type
     * @param work run on the calling thread if the process is alone, else on a thread of its own; never returns null
     * @return its result
     * @throws io.github.gptmoe.train.collective.CollectiveException with the cause of another process, unless {@code work}
     *     itself throws
     */
    public <R> R run(Supplier<R> work) {
        return processes() == 1 ? work.get() : new SharedFate(failure).run(work);
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
