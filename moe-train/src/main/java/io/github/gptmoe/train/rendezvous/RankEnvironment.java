package io.github.gptmoe.train.rendezvous;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.config.ConfigException;
import java.util.Map;

/**
 * This process's place among those of a run, from the environment variables that torchrun and Kubeflow's PyTorchJob set ({@code
 * RANK}, {@code WORLD_SIZE}, {@code LOCAL_RANK}, {@code LOCAL_WORLD_SIZE}, {@code NODE_RANK} or {@code GROUP_RANK}), or,
 * without these, from Slurm's. They count processes: one process may bring several ranks.
 *
 * @param masterAddress host of process 0; empty if this process is alone
 * @param masterPort port at which process 0 listens; 0 if this process is alone
 * @param process number of this process, from 0
 * @param processes number of processes
 * @param localProcess number of this process among those of its node
 * @param node number of the node
 */
public record RankEnvironment(
        String masterAddress, int masterPort, int process, int processes, int localProcess, int node) {
    /** More than this in an environment variable is taken for a mistake. */
    static final int MOST_PROCESSES = 8192;

    /**
     * Reads the variables.
     *
     * @param environment for example {@link System#getenv()}; empty values count as missing
     * @return the place; that of the only process if no variable says otherwise
     * @throws ConfigException with all that is wrong
     */
    public static RankEnvironment of(Map<String, String> environment) {
        return new RankVariables(environment).read();
    }

    /**
     * Whether there is no other process.
     *
     * @return true for a world of one process
     */
    public boolean alone() {
        return processes == 1;
    }

    /**
     * The device of a rank, when every process of a node brings as many.
     *
     * @param localRank number of the rank in this process
     * @param localRanks ranks of this process
     * @return number of the device on the node
     */
    public int device(int localRank, int localRanks) {
        return localProcess * localRanks + localRank;
    }

    /**
     * Refuses several processes where only one can do the work.
     *
     * @param command what was called
     * @throws InputException unless this process is alone
     */
    public void requireAlone(String command) {
        if (!alone()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "WORLD_SIZE (or SLURM_NTASKS) asks for " + processes + " processes, but " + command
                            + " works in one; start it once, without RANK and WORLD_SIZE (SLURM_PROCID and SLURM_NTASKS)");
        }
    }

    /**
     * Refuses several processes on CPUs.
     *
     * @throws InputException unless this process is alone
     */
    public void requireAloneOnCpu() {
        if (!alone()) {
            throw new InputException(
                    InputException.Kind.CONFIGURATION,
                    "WORLD_SIZE (or SLURM_NTASKS) asks for " + processes
                            + " processes, but only GPUs are connected across"
                            + " processes. On a CPU, start one process with --devices N, whose ranks are threads, and unset"
                            + " RANK and WORLD_SIZE (SLURM_PROCID and SLURM_NTASKS)");
        }
    }
}
