package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * What routers with a linear gate share: jitter, logits, the most probable expert, the balance loss and the z-loss.
 *
 * <p>Its weight is one matrix (E, D). A router built on it adds its own term, or takes other parts instead.
 */
final class LinearGate {
    private final int numExperts;
    private final RouterWeight weight;
    private final float balanceCoefficient;
    private final float zCoefficient;
    private final InputJitter jitter;

    LinearGate(int hidden, int numExperts, Top1Config config) {
        this.numExperts = numExperts;
        weight = new RouterWeight(
                "weight", new Shape(numExperts, hidden), config.initStd().floatValue());
        balanceCoefficient = config.balanceCoefficient().floatValue();
        zCoefficient = config.zCoefficient().floatValue();
        jitter = new InputJitter(config.jitter().floatValue());
    }

    int numExperts() {
        return numExperts;
    }

    List<RouterWeight> weights() {
        return List.of(weight);
    }

    /**
     * The gate's part of a routing, attached to the scope.
     *
     * @param weightED the scope's view of the weight
     * @param mask the real tokens
     * @param choice the most probable experts
     * @param balanceLoss the raw balance loss; computed even without a coefficient, as a measure of the load
     * @param zLoss the raw z-loss; 0 without a coefficient
     * @param auxiliaryLoss the weighted sum of the two
     */
    record Result(
            NDArray weightED,
            TokenMask mask,
            TopChoice choice,
            NDArray balanceLoss,
            NDArray zLoss,
            NDArray auxiliaryLoss) {}

    /** Runs the gate. */
    Result choose(RoutingScope scope, NDArray hiddenTD, NDList weights, RoutingContext context) {
        NDArray weightED = scope.view(weights.singletonOrThrow());
        if (!weightED.getShape().equals(weight.shape())) {
            throw new IllegalArgumentException(
                    "the router weight has shape " + weightED.getShape() + ", expected " + weight.shape());
        }
        TokenMask mask = TokenMask.of(scope, context, hiddenTD.getShape().get(0));
        NDArray inputTD = jitter.apply(scope, scope.view(hiddenTD), context);
        TopChoice choice = TopChoice.of(GateProjection.logits(inputTD, weightED), mask);
        NDArray balanceLoss = SwitchBalanceLoss.of(scope, choice.expertIdsT(), choice.probabilityTE(), mask);
        NDArray weighted = balanceLoss.mul(scope.constant(balanceCoefficient));
        if (zCoefficient == 0) {
            return new Result(weightED, mask, choice, balanceLoss, scope.zero(), weighted);
        }
        NDArray zLoss = RouterZLoss.of(choice.logitsTE(), mask);
        return new Result(
                weightED, mask, choice, balanceLoss, zLoss, weighted.add(zLoss.mul(scope.constant(zCoefficient))));
    }
}
