package io.github.gptmoe.train;

import io.github.gptmoe.router.LoadReport;
import io.github.gptmoe.train.pipeline.MicroBatchResult;
import java.util.ArrayList;
import java.util.List;

/** Sums over the micro-batches of a step. */
final class StepSums {
    private final List<LoadReport.Counter> loads = new ArrayList<>();
    private double lmLoss;
    private double auxiliaryLoss;
    private double balanceLoss;
    private double marginLoss;

    void add(MicroBatchResult micro) {
        lmLoss += micro.weightedLoss();
        auxiliaryLoss += micro.auxiliaryLoss();
        balanceLoss += micro.balanceLoss();
        marginLoss += micro.marginLoss();
        for (int layer = 0; layer < micro.loads().size(); layer++) {
            LoadReport.Counter counter = micro.loads().get(layer);
            if (layer == loads.size()) {
                loads.add(counter);
            } else {
                loads.set(layer, loads.get(layer).plus(counter));
            }
        }
    }

    double loss(int microBatches) {
        return lmLoss + auxiliaryLoss / microBatches;
    }

    StepResult result(int microBatches, double learningRate, double gradNorm, boolean skipped) {
        return new StepResult(
                loss(microBatches),
                lmLoss,
                balanceLoss / microBatches,
                marginLoss / microBatches,
                learningRate,
                gradNorm,
                List.copyOf(loads),
                skipped,
                null,
                false);
    }
}
