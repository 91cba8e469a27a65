package io.github.gptmoe.train;

import io.github.gptmoe.router.LoadReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one step yields.
 *
 * @param loss language-model loss plus weighted router losses
 * @param lmLoss mean next-token negative log-likelihood, nats
 * @param balanceLoss raw, mean over MoE layers and micro-batches
 * @param marginLoss likewise
 * @param learningRate of this step
 * @param gradNorm global norm before clipping
 * @param loads token counts of each MoE layer over the step
 * @param skipped true when something was not finite and nothing was updated
 * @param lossScale what the gradients were computed with; null where the loss is not scaled
 * @param overflow true when the step was skipped because its scaled gradient was not finite though its loss was
 */
record StepResult(
        double loss,
        double lmLoss,
        double balanceLoss,
        double marginLoss,
        double learningRate,
        double gradNorm,
        List<LoadReport.Counter> loads,
        boolean skipped,
        @Nullable Double lossScale,
        boolean overflow) {

    /** The same with the loss scale that the step was made with. */
    StepResult withLossScale(double scale, boolean overflowed) {
        return new StepResult(
                loss, lmLoss, balanceLoss, marginLoss, learningRate, gradNorm, loads, skipped, scale, overflowed);
    }
}
