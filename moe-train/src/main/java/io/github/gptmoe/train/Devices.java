package io.github.gptmoe.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.CudaLibrary;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.NcclLibrary;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.plan.RankDivision;
import io.github.gptmoe.train.rendezvous.RankEnvironment;
import io.github.gptmoe.train.rendezvous.Rendezvous;
import io.github.gptmoe.train.rendezvous.World;
import io.github.gptmoe.train.report.GemmCeiling;
import io.github.gptmoe.train.sharding.RankGroups;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The devices that this process brings to a run, one rank each. Without a GPU they are threads that share the processor:
 * slower than one, but every way to divide a run can be tried on any machine.
 *
 * @param count ranks of this process
 * @param environment which of the run's processes this is
 */
public record Devices(int count, RankEnvironment environment) {
    private static final int CEILING_REPETITIONS = 4;

    /**
     * The devices of a run of one process.
     *
     * @param count number of ranks
     */
    public Devices(int count) {
        this(count, RankEnvironment.of(Map.of()));
    }

    /**
     * The one device of a run that is not divided.
     *
     * @return one device
     */
    public static Devices one() {
        return new Devices(1);
    }

    /**
     * Refuses, before anything is allocated and before processes meet, what cannot work in any world.
     *
     * @param train settings of the run
     * @throws InputException with the remedy
     */
    void requireFit(TrainConfig train) {
        if (count < 1 || count > Rendezvous.MOST_LOCAL_RANKS) {
            throw mistake("--devices " + count + ": must be from 1 to " + Rendezvous.MOST_LOCAL_RANKS);
        }
        if (gpus() == 0) {
            environment.requireAloneOnCpu();
        } else {
            requireGpus(train, environment.device(count - 1, count));
        }
        if (environment.alone()) {
            requireDivisible(train, World.alone(count, new byte[0]));
        }
    }

    private void requireGpus(TrainConfig train, int last) {
        if (last >= gpus()) {
            throw mistake("--devices " + count
                    + (last < count ? "" : " with LOCAL_RANK " + environment.localProcess() + " needs GPU " + last)
                    + ", but this process sees " + gpus() + " GPUs; let CUDA_VISIBLE_DEVICES show it those of all"
                    + " processes of the node, or set LOCAL_RANK=0 if it shows each its own");
        }
        // So that a process which lacks them says so by itself, before text is packed.
        if (count > 1 || !environment.alone()) {
            NcclLibrary.load();
            CudaLibrary.load();
        } else if (train.offloads()) {
            CudaLibrary.load();
        }
    }

    /**
     * Refuses a world that a run cannot be divided over.
     *
     * @param train settings of the run
     * @param world which ranks there are
     * @throws InputException with the remedy, the same in all processes
     */
    static void requireDivisible(TrainConfig train, World world) {
        RankDivision.problem(train, world.worldSize()).ifPresent(problem -> {
            throw mistake(
                    world.processes() == 1
                            ? problem
                            : "in a world of " + world.worldSize() + " ranks, from " + world.processes()
                                    + " processes: " + problem);
        });
    }

    private static InputException mistake(String text) {
        return new InputException(InputException.Kind.CONFIGURATION, text);
    }

    /**
     * This process's part in a run.
     *
     * @param train settings of the run
     * @return where it meets the others, and what its ranks are started with
     * @throws InputException as {@link #requireFit}
     */
    Node node(TrainConfig train) {
        requireFit(train);
        return new Node(environment, ranks(train), Node.TIMING);
    }

    private RankStarter ranks(TrainConfig train) {
        return gpus() > 0 ? GpuRanks.of(count, train, environment) : new CpuRanks(count, train);
    }

    /**
     * Runs a body on every rank and waits; this process is alone. Ranks on the CPU share its threads.
     *
     * @param <R> result type
     * @param train settings of the run
     * @param body what each rank does; never returns null
     * @param report is given the stacks of all ranks when one is stuck
     * @return the result of rank 0
     */
    <R> R run(TrainConfig train, Function<RankGroups, R> body, Consumer<String> report) {
        RankStarter ranks = ranks(train);
        return ranks.run(World.alone(count, ranks.uniqueId()), body, report);
    }

    private static int gpus() {
        return Engine.getEngine("PyTorch").getGpuCount();
    }

    /** Matrix-product ceiling of a number of ranks together, in 1e9 operations a second; ranks on the CPU share one. */
    static double gemmGflops(Precision precision, int ranks) {
        return gemmGflops(precision, ranks, CEILING_REPETITIONS);
    }

    /** As {@link #gemmGflops(Precision, int)}, the best of a number of products. */
    static double gemmGflops(Precision precision, int ranks, int repetitions) {
        KernelModule.enter();
        try (NDManager manager = NDManager.newBaseManager()) {
            double one = GemmCeiling.gflops(manager, precision, repetitions);
            return manager.getDevice().isGpu() ? ranks * one : one;
        }
    }
}
