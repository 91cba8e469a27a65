package io.github.gptmoe.train.pipeline;

import io.github.gptmoe.router.LoadReport;
import java.util.List;

/**
 * What a micro-batch yields besides gradients; plain numbers on the host.
 *
 * @param weightedLoss weighted sum of the token losses: the micro-batch's part of the step's mean
 * @param auxiliaryLoss weighted router losses, summed over layers
 * @param balanceLoss raw balance loss, mean over MoE layers; 1 is perfect balance, 0 for a dense model
 * @param marginLoss raw margin loss, mean over MoE layers; 0 where the router has none
 * @param loads token counts of each MoE layer, first layer first
 */
public record MicroBatchResult(
        double weightedLoss,
        double auxiliaryLoss,
        double balanceLoss,
        double marginLoss,
        List<LoadReport.Counter> loads) {

    /**
     * Copies the list.
     *
     * @param weightedLoss as above
     * @param auxiliaryLoss as above
     * @param balanceLoss as above
     * @param marginLoss as above
     * @param loads as above
     */
    public MicroBatchResult {
        loads = List.copyOf(loads);
    }
}
