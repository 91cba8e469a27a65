package io.github.gptmoe.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.collective.SingleProcess;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.plan.RankDivision;
import io.github.gptmoe.train.rendezvous.RankEnvironment;
import io.github.gptmoe.train.report.GemmCeiling;
import io.github.gptmoe.train.sharding.RankGroups;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The devices of this machine that a run trains on, one rank each. Without a GPU they are threads that share the processor:
 * slower than one, but every way to divide a run can be tried on any machine.
 *
 * @param count number of ranks
 */
public record Devices(int count) {
    private static final int CEILING_REPETITIONS = 4;

    /**
     * The one device of a run that is not divided.
     *
     * @return one device
     */
    public static Devices one() {
        return new Devices(1);
    }

    /**
     * Refuses what a run cannot be divided over, before anything is allocated.
     *
     * @param train settings of the run
     * @throws InputException with the remedy
     */
    void requireFit(TrainConfig train) {
        if (gpus() > 0 && count > gpus()) {
            throw mistake("--devices " + count + ", but this process sees " + gpus() + " GPUs");
        }
        if (!RankEnvironment.of(System.getenv()).alone()) {
            throw mistake(
                    "RANK and WORLD_SIZE ask for several processes, which pretrain does not connect yet; unset them and use"
                            + " the devices of one machine");
        }
        RankDivision.problem(train, count).ifPresent(problem -> {
            throw mistake(problem);
        });
    }

    private static InputException mistake(String text) {
        return new InputException(InputException.Kind.CONFIGURATION, text);
    }

    /**
     * Runs a body on every rank and waits. Ranks on the CPU share its threads.
     *
     * @param <R> result type
     * @param train settings of the run
     * @param body what each rank does; never returns null
     * @param report is given the stacks of all ranks when one is stuck
     * @return the result of rank 0
     */
    <R> R run(TrainConfig train, Function<RankGroups, R> body, Consumer<String> report) {
        if (count == 1) {
            return body.apply(RankGroups.dataParallel(new SingleProcess()));
        }
        RankStarter starter = gpus() > 0 ? new GpuRanks(count, train) : new CpuRanks(count, train);
        return starter.run(body, report);
    }

    private static int gpus() {
        return Engine.getEngine("PyTorch").getGpuCount();
    }

    /** Matrix-product ceiling of all devices together; ranks on the CPU share one. */
    double gemmGflops(Precision precision) {
        return gemmGflops(precision, CEILING_REPETITIONS);
    }

    /** As {@link #gemmGflops(Precision)}, the best of a number of products. */
    double gemmGflops(Precision precision, int repetitions) {
        KernelModule.enter();
        try (NDManager manager = NDManager.newBaseManager()) {
            double one = GemmCeiling.gflops(manager, precision, repetitions);
            return manager.getDevice().isGpu() ? count * one : one;
        }
    }
}
