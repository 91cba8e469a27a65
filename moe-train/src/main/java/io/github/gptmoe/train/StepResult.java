package io.github.gptmoe.train;

import io.github.gptmoe.router.LoadReport;
import java.util.List;

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
 */
record StepResult(
        double loss,
        double lmLoss,
        double balanceLoss,
        double marginLoss,
        double learningRate,
        double gradNorm,
        List<LoadReport.Counter> loads,
        boolean skipped) {}
