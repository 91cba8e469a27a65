package io.github.gptmoe.train;

import io.github.gptmoe.router.LoadReport;
import io.github.gptmoe.train.collective.ProcessGroup;
import io.github.gptmoe.train.pipeline.MicroBatchResult;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** Sums over the micro-batches of a step, and then over the ranks. */
final class StepSums {
    private final List<LoadReport.Counter> loads = new ArrayList<>();
    private double lmLoss;
    private double auxiliaryLoss;
    private double balanceLoss;
    private double marginLoss;
    private double gradNormSquared;

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

    void gradNormSquared(double ofThisRank) {
        gradNormSquared = ofThisRank;
    }

    /** Replaces everything by its sum over the ranks, in one exchange. */
    void sumOver(ProcessGroup ranks) {
        double[] sums = ranks.allReduce(DoubleStream.concat(
                        DoubleStream.of(lmLoss, auxiliaryLoss, balanceLoss, marginLoss, gradNormSquared),
                        LoadNumbers.of(loads))
                .toArray());
        lmLoss = sums[0];
        auxiliaryLoss = sums[1];
        balanceLoss = sums[2];
        marginLoss = sums[3];
        gradNormSquared = sums[4];
        List<LoadReport.Counter> summed = LoadNumbers.read(sums, 5, loads);
        loads.clear();
        loads.addAll(summed);
    }

    double loss(int microBatches) {
        return lmLoss + auxiliaryLoss / microBatches;
    }

    double gradNorm() {
        return Math.sqrt(gradNormSquared);
    }

    StepResult result(int microBatches, double learningRate, boolean skipped) {
        return new StepResult(
                loss(microBatches),
                lmLoss,
                balanceLoss / microBatches,
                marginLoss / microBatches,
                learningRate,
                gradNorm(),
                List.copyOf(loads),
                skipped,
                null,
                false);
    }
}
