package io.github.gptmoe.train.plan;

import io.github.gptmoe.train.config.BatchRampConfig;
import io.github.gptmoe.train.config.TrainConfig;
import java.util.Optional;

/** Whether a run can be divided over a number of devices; arithmetic only. */
public final class RankDivision {
    private RankDivision() {}

    /**
     * What is wrong.
     *
     * @param train settings of the run
     * @param devices number of ranks
     * @return a message with the remedy; empty if nothing is
     */
    public static Optional<String> problem(TrainConfig train, int devices) {
        if (devices < 1) {
            return Optional.of("--devices " + devices + ": at least one is needed");
        }
        if (devices == 1 && train.zeroStage() > 0) {
            return Optional.of("train.zeroStage " + train.zeroStage()
                    + " divides the optimizer over ranks, but --devices is 1;"
                    + " use --set train.zeroStage=0 or several devices");
        }
        if (devices % train.expertParallel() != 0) {
            return Optional.of("train.expertParallel " + train.expertParallel() + " does not divide --devices "
                    + devices + "; use a divisor, or --set train.expertParallel=1");
        }
        int microBatches = train.microBatches();
        if (train.optimizerInBackward() && microBatches != devices) {
            return Optional.of("train.optimizerInBackward keeps no gradients, so each of the " + devices
                    + " ranks has one"
                    + " micro-batch a step; but train.globalBatch " + train.globalBatch() + " makes " + microBatches
                    + " of train.microBatch " + train.microBatch() + "; "
                    + (train.globalBatch() % devices == 0
                            ? "use --set train.microBatch=" + train.globalBatch() / devices
                            : "no microBatch makes " + devices + " of it, use a globalBatch that is a multiple of "
                                    + devices));
        }
        if (microBatches % devices != 0) {
            return Optional.of("--devices " + devices + ": train.globalBatch " + train.globalBatch() + " makes "
                    + microBatches + (microBatches == 1 ? " micro-batch" : " micro-batches") + " of train.microBatch "
                    + train.microBatch() + " a step, which " + devices + " ranks cannot share evenly; "
                    + remedy(train, devices, "a globalBatch that is a multiple of "));
        }
        return rampProblem(train, devices);
    }

    /** A smaller micro-batch comes first, because other batches make it another run. */
    private static String remedy(TrainConfig train, int devices, String batches) {
        String other = batches + (long) train.microBatch() * devices + " (another run: its steps see other batches)";
        return largestMicroBatch(train, devices)
                .map(size -> "use --set train.microBatch=" + size + ", or " + other)
                .orElse("no smaller microBatch helps; use " + other + ", or another --devices");
    }

    private static Optional<Integer> largestMicroBatch(TrainConfig train, int devices) {
        for (int size = Math.min(train.microBatch(), train.globalBatch() / devices); size > 0; size--) {
            if (train.isDividedBy(size * devices)) {
                return Optional.of(size);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> rampProblem(TrainConfig train, int devices) {
        BatchRampConfig ramp = train.batchRamp();
        long together = (long) train.microBatch() * devices;
        if (ramp == null || !ramp.growsTo(train.globalBatch()) || ramp.isDividedBy(together)) {
            return Optional.empty();
        }
        return Optional.of("--devices " + devices + ": the steps of train.batchRamp, from " + ramp.start()
                + " sequences by "
                + ramp.increment() + ", cannot be shared evenly in micro-batches of train.microBatch "
                + train.microBatch() + "; " + remedy(train, devices, "start and increment that are multiples of "));
    }
}
