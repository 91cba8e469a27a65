package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;

/** The router of {@link Top1Config}. */
final class Top1Router implements Router {
    private final LinearGate gate;

    Top1Router(Top1Config config, int hidden, int numExperts) {
        gate = new LinearGate(hidden, numExperts, config);
    }

    @Override
    public int numExperts() {
        return gate.numExperts();
    }

    @Override
    public boolean isLinearTop1() {
        return true;
    }

    @Override
    public List<RouterWeight> weights() {
        return gate.weights();
    }

    @Override
    public Routing route(NDArray hiddenTD, NDList weights, RoutingContext context) {
        try (RoutingScope scope = new RoutingScope(hiddenTD)) {
            LinearGate.Result result = gate.choose(scope, hiddenTD, weights, context);
            return scope.keep(new Routing(
                    result.choice().expertIdsT(),
                    result.choice().gateT(),
                    result.balanceLoss(),
                    scope.zero(),
                    result.zLoss(),
                    result.auxiliaryLoss(),
                    null));
        }
    }
}
