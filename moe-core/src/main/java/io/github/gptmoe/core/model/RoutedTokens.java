package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.Accumulators;
import io.github.gptmoe.core.kernel.Autograd;
import io.github.gptmoe.core.kernel.KernelModule;
import io.github.gptmoe.core.kernel.OptimizerKernels;
import io.github.gptmoe.core.kernel.Precision;
import io.github.gptmoe.router.Router;
import io.github.gptmoe.router.Routing;
import io.github.gptmoe.router.RoutingContext;

/**
 * A router's decision with its way back. Routers are written with plain array operations, so that a new one needs no
 * backward; autograd records them, from leaves that are cut off from everything else.
 *
 * @param hiddenTD leaf the router saw, FP32 (T, D)
 * @param weights leaves of the router's weights, sharing their storage
 * @param routing the decision
 */
record RoutedTokens(NDArray hiddenTD, NDList weights, Routing routing) {

    /** Routes and records; everything is attached to {@code scope}. */
    static RoutedTokens of(NDManager scope, Router router, NDArray hTD, NDList weights, RoutingContext context) {
        NDArray leafTD = Autograd.leaf(scope, Precision.FP32.cast(scope, hTD));
        NDList leaves = Autograd.leaves(scope, weights);
        Routing routing =
                KernelModule.observed("route", () -> Autograd.recording(() -> router.route(leafTD, leaves, context)));
        return new RoutedTokens(leafTD, leaves, routing);
    }

    /** The router learns on two ways: through the gate, and through its own loss. Returns FP32 (T, D). */
    NDArray backward(NDManager scope, NDArray gateGradT, double auxiliaryWeight, Accumulators into) {
        if (!into.add()) {
            OptimizerKernels.zero(into.arrays());
        }
        NDList outputs = new NDList(routing.gateT(), routing.auxiliaryLoss());
        NDList grads = new NDList(gateGradT, scope.create((float) auxiliaryWeight));
        return Autograd.vjp(scope, outputs, grads, new NDList(hiddenTD), weights, into.arrays())
                .get(0);
    }
}
