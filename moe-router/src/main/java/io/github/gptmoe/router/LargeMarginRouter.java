package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.OptionalDouble;

/** The router of {@link LargeMarginConfig}. */
final class LargeMarginRouter implements Router {
    private final LinearGate gate;
    private final DistanceNorm norm;
    private final double gamma;
    private final double marginCoefficient;
    private final long warmupSteps;
    private final int rivals;

    LargeMarginRouter(LargeMarginConfig config, int hidden, int numExperts) {
        gate = new LinearGate(
                hidden,
                numExperts,
                new Top1Config(config.balanceCoefficient(), config.zCoefficient(), config.jitter(), config.initStd()));
        norm = DistanceNorm.of(config.norm()).orElseThrow();
        gamma = config.gamma();
        marginCoefficient = config.marginCoefficient();
        warmupSteps = config.warmupSteps();
        rivals = config.rivals();
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
    public OptionalDouble margin() {
        return OptionalDouble.of(gamma);
    }

    @Override
    public Routing route(NDArray hiddenTD, NDList weights, RoutingContext context) {
        try (RoutingScope scope = new RoutingScope(hiddenTD)) {
            LinearGate.Result result = gate.choose(scope, hiddenTD, weights, context);
            NDArray distanceTK = BoundaryDistance.nearest(scope, result.choice(), result.weightED(), norm, rivals);
            NDArray marginLoss = MarginHinge.of(distanceTK, (float) gamma, result.mask());
            NDArray nearestT = distanceTK.stopGradient().min(new int[] {1});
            return scope.keep(new Routing(
                    result.choice().expertIdsT(),
                    result.choice().gateT(),
                    result.balanceLoss(),
                    marginLoss,
                    result.zLoss(),
                    result.auxiliaryLoss().add(marginLoss.mul(scope.constant(marginWeight(context.step())))),
                    result.mask().zeroPadding(nearestT)));
        }
    }

    private double marginWeight(long step) {
        double warmth = step >= warmupSteps ? 1 : (double) step / warmupSteps;
        return marginCoefficient * warmth;
    }
}
