package io.github.gptmoe.train.pipeline;

import ai.djl.ndarray.NDArray;
import io.github.gptmoe.core.model.DecoderStage;
import io.github.gptmoe.core.model.StageOutput;
import io.github.gptmoe.router.LoadReport;
import io.github.gptmoe.router.Router;
import io.github.gptmoe.router.Routing;
import java.util.ArrayList;
import java.util.List;

/** Sums the routers' losses and loads of one micro-batch on the host; each addition waits for the device. */
final class RouterTally {
    private final List<LoadReport.Counter> loads = new ArrayList<>();
    private double auxiliary;
    private double balance;
    private double margin;

    void add(DecoderStage block, StageOutput output) {
        Routing routing = output.routing();
        if (routing == null) {
            return;
        }
        Router router = block.router().orElseThrow();
        NDArray keptIdsT = output.keptIdsT();
        loads.add(
                keptIdsT == null
                        ? LoadReport.Counter.of(router, routing)
                        : LoadReport.Counter.of(router, routing, keptIdsT.toLongArray()));
        auxiliary += routing.auxiliaryLoss().getFloat();
        balance += routing.balanceLoss().getFloat();
        margin += routing.marginLoss().getFloat();
    }

    MicroBatchResult result(double weightedLoss) {
        int layers = Math.max(1, loads.size());
        return new MicroBatchResult(weightedLoss, auxiliary, balance / layers, margin / layers, loads);
    }
}
