package io.github.gptmoe.train.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One training step in {@code metrics.jsonl}.
 *
 * @param step optimizer step, from 1
 * @param tokens tokens trained on so far
 * @param loss lmLoss plus the weighted router losses
 * @param lmLoss mean next-token negative log-likelihood, nats
 * @param balanceLoss raw balance loss, mean over MoE layers; 1 is perfect balance
 * @param marginLoss raw margin loss, mean over MoE layers
 * @param learningRate of this step
 * @param gradNorm global L2 norm before clipping
 * @param tokensPerSecond since the line before
 * @param gflops model arithmetic achieved, 1e9 operations a second
 * @param mfu share of the matrix-product ceiling measured at the start of the process
 * @param residentBytes resident set of the process; -1 where the system does not tell
 * @param expertLoad load over all MoE layers
 * @param skipped true when a loss or gradient was not finite and the weights were left as they were
 * @param dataWaitSeconds seconds that the steps since the line before waited for their batches
 * @param lossScale factor on the loss, whose gradients FP16 holds; null, and not in the file, in other precisions
 */
public record TrainingLine(
        long step,
        long tokens,
        double loss,
        double lmLoss,
        double balanceLoss,
        double marginLoss,
        double learningRate,
        double gradNorm,
        double tokensPerSecond,
        double gflops,
        double mfu,
        long residentBytes,
        ExpertLoad expertLoad,
        boolean skipped,
        double dataWaitSeconds,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double lossScale) {

    /**
     * Load of the experts.
     *
     * @param maxOverMean tokens of the busiest expert over the mean, worst layer; 1 is even, 0 for a dense model
     * @param dropped share of tokens dropped by a capacity, mean over layers
     */
    public record ExpertLoad(double maxOverMean, double dropped) {}
}
