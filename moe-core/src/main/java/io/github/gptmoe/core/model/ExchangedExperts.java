package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.github.gptmoe.core.kernel.OptimizerKernels;
import io.github.gptmoe.core.kernel.RowKernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Experts of which this rank has some, in expert parallelism:
 *
 * <pre>
 * forward:  rows of each expert, by rank -> exchange -> own experts on what came -> exchange -> back in place, times gate
 * backward: the same way in reverse; gradients of experts stay where the experts are
 * </pre>
 *
 * <p>A rank whose experts no token visits takes part in the exchanges all the same.
 *
 * @param exchange how rows travel
 * @param plan who gets what
 * @param placesS token of each row that was sent
 * @param gateT gate of each token
 * @param backSD what the experts gave the rows
 * @param experts the experts of this rank
 * @param run their forward run; null if nobody sent a token
 * @param yTD the result
 */
record ExchangedExperts(
        ExpertExchange exchange,
        ExchangePlan plan,
        NDArray placesS,
        NDArray gateT,
        NDArray backSD,
        List<FfnParameters> experts,
        @Nullable LocalExperts run,
        NDArray yTD)
        implements ExpertRun {

    static ExchangedExperts run(
            NDManager scope,
            ExpertExchange exchange,
            List<FfnParameters> allExperts,
            ParameterStore store,
            NDArray hTD,
            NDArray expertIdsT,
            NDArray gateT) {
        // Host sync: how many rows go where has to be known before they are sent.
        ExchangePlan plan = ExchangePlan.of(expertIdsT.toLongArray(), allExperts.size(), exchange);
        List<FfnParameters> own = allExperts.subList(plan.firstExpert(), plan.firstExpert() + plan.ownExperts());
        NDArray placesS = scope.create(plan.placesS());
        NDArray cameRD = exchange.exchange(scope, RowKernels.take(scope, hTD, placesS), plan.sentX(), plan.receivedX());
        LocalExperts run = null;
        NDArray doneRD = cameRD;
        if (plan.receivedRows() > 0) {
            NDArray gateR = scope.ones(new Shape(plan.receivedRows()));
            run = LocalExperts.run(scope, own, store, cameRD, scope.create(plan.expertIdsR()), gateR);
            doneRD = run.yTD();
        }
        NDArray backSD = exchange.exchange(scope, doneRD, plan.receivedX(), plan.sentX());
        NDArray yTD = RowKernels.putGated(scope, backSD, placesS, gateT);
        return new ExchangedExperts(exchange, plan, placesS, gateT, backSD, own, run, yTD);
    }

    @Override
    public MoeBranches.InputGrads backward(NDArray gradTD, BackwardContext context) {
        NDManager scope = context.scope();
        RowKernels.GatedGrads gated = RowKernels.putGatedBackward(scope, gradTD, backSD, placesS, gateT);
        NDArray gradRD = exchange.exchange(scope, gated.xSD(), plan.sentX(), plan.receivedX());
        NDArray inputGradRD = gradRD;
        if (run != null) {
            inputGradRD = run.backward(gradRD, context).hTD();
        } else {
            clear(context.gradients());
        }
        NDArray inputGradSD = exchange.exchange(scope, inputGradRD, plan.receivedX(), plan.sentX());
        NDArray hTD = RowKernels.put(scope, inputGradSD, placesS, gateT.size());
        return new MoeBranches.InputGrads(hTD, gated.gateT());
    }

    /** Experts that no token visited have a gradient of zero, where accumulators are not added to. */
    private void clear(GradientStore gradients) {
        for (FfnParameters expert : experts) {
            if (!gradients.of(expert.all()).add()) {
                OptimizerKernels.zero(gradients.of(expert.all()).arrays());
            }
        }
    }
}
