package io.github.gptmoe.train;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.KernelPlatform;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.collective.InProcessGroup;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.collective.Ranks;
import io.github.gptmoe.train.collective.SingleProcess;
import io.github.gptmoe.train.config.TrainConfig;
import io.github.gptmoe.train.report.GemmCeiling;
import io.github.gptmoe.train.sharding.RankGroups;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
        if (count < 1) {
            throw mistake("--devices " + count + ": at least one is needed");
        }
        int gpus = Engine.getEngine("PyTorch").getGpuCount();
        if (gpus > 0 && count > gpus) {
            throw mistake("--devices " + count + ", but this machine has " + gpus);
        }
        if (count > 1 && gpus > 0) {
            throw mistake("--devices " + count + ": several GPUs are not available yet; use 1");
        }
        misfit(train).ifPresent(problem -> {
            throw mistake(problem);
        });
    }

    /**
     * What a run's settings have against this number, whatever the machine.
     *
     * @param train settings of the run
     * @return the problem and its remedy; empty if there is none
     */
    public Optional<String> misfit(TrainConfig train) {
        if (count == 1 && train.zeroStage() > 0) {
            return Optional.of(
                    "train.zeroStage " + train.zeroStage() + " divides the optimizer over ranks, but --devices is 1;"
                            + " use --set train.zeroStage=0 or several devices");
        }
        if (count % train.expertParallel() != 0) {
            return Optional.of("train.expertParallel " + train.expertParallel() + " does not divide --devices " + count
                    + "; use a divisor, or --set train.expertParallel=1");
        }
        int microBatches = train.microBatches();
        if (microBatches % count != 0) {
            return Optional.of(
                    "--devices " + count + ": train.globalBatch " + train.globalBatch() + " makes " + microBatches
                            + " micro-batches of train.microBatch " + train.microBatch() + " a step, which " + count
                            + " ranks cannot share evenly; use a globalBatch that is a multiple of "
                            + (long) train.microBatch() * count);
        }
        return Optional.empty();
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
        List<RankGroups> ranks = groups(train);
        List<ProcessGroup> members = ranks.stream().map(RankGroups::world).toList();
        return KernelPlatform.withThreads(
                Math.max(1, KernelPlatform.threads() / count),
                () -> Ranks.run(members, member -> body.apply(ranks.get(member.rank())), report));
    }

    private List<RankGroups> groups(TrainConfig train) {
        Duration timeout = Duration.ofSeconds(train.rankTimeoutSeconds());
        if (train.expertParallel() == 1) {
            return InProcessGroup.of(count, timeout).stream()
                    .map(RankGroups::dataParallel)
                    .toList();
        }
        return InProcessGroup.grid(count, train.expertParallel(), timeout).stream()
                .map(groups -> new RankGroups(groups.get(0), groups.get(1), groups.get(2)))
                .toList();
    }

    /** Matrix-product ceiling of all devices together; ranks on the CPU share one. */
    double gemmGflops(Precision precision) {
        KernelModule.enter();
        try (NDManager manager = NDManager.newBaseManager()) {
            double one = GemmCeiling.gflops(manager, precision, CEILING_REPETITIONS);
            return manager.getDevice().isGpu() ? count * one : one;
        }
    }
}
