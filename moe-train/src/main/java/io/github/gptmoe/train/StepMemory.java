package io.github.gptmoe.train;

import io.github.gptmoe.train.report.ProcessMemory;
import io.github.gptmoe.train.report.ProcessMemory.PageFaults;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What some training steps cost in memory, as the operating system counts it; null where it does not tell.
 *
 * @param peakResidentBytes largest resident set of the process up to the end of the steps
 * @param activationBytesPerToken what of it was neither there before the model nor is state by count, for each token of a
 *     micro-batch
 * @param minorFaultsPerStep pages that the system had to give, a step
 * @param majorFaultsPerStep pages that it had to read from a disk, a step
 */
record StepMemory(
        @Nullable Long peakResidentBytes,
        @Nullable Double activationBytesPerToken,
        @Nullable Double minorFaultsPerStep,
        @Nullable Double majorFaultsPerStep) {

    /** Counts taken before something, to be compared with those after it. */
    record Before(long residentBytes, Optional<PageFaults> faults) {
        static Before now() {
            return new Before(ProcessMemory.residentBytes(), ProcessMemory.pageFaults());
        }
    }

    /**
     * Compares counts.
     *
     * @param model taken before the model was made
     * @param steps taken before the steps
     * @param count number of steps
     * @param stateBytes weights, gradients and moments by count; 0 if they are not in this process's resident set
     * @param tokens of a micro-batch
     */
    static StepMemory since(Before model, Before steps, int count, long stateBytes, long tokens) {
        long peak = ProcessMemory.peakResidentBytes();
        PageFaults faults = steps.faults.isEmpty()
                ? null
                : ProcessMemory.pageFaults()
                        .map(now -> now.since(steps.faults.orElseThrow()))
                        .orElse(null);
        return new StepMemory(
                peak < 0 ? null : peak,
                activations(peak, model.residentBytes, stateBytes, tokens),
                faults == null ? null : (double) faults.minor() / count,
                faults == null ? null : (double) faults.major() / count);
    }

    static @Nullable Double activations(long peak, long before, long stateBytes, long tokens) {
        long left = peak - before - stateBytes;
        // A model so small that it fits in what the process had already says nothing about activations.
        return peak < 0 || before < 0 || stateBytes == 0 || left <= 0 ? null : (double) left / tokens;
    }
}
