package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;

/**
 * The balance loss of the Switch Transformer, E * sum_e f_e * p_e (Fedus et al. 2021, equation 4,
 * https://arxiv.org/abs/2101.03961).
 *
 * <p>f_e is the share of real tokens that go to expert e, before any capacity drops them; it carries no gradient. p_e is
 * the mean probability of expert e over the real tokens. An even load gives 1, whatever E is; no real token gives 0.
 */
final class SwitchBalanceLoss {
    private SwitchBalanceLoss() {}

    /** Returns the scalar loss. */
    static NDArray of(RoutingScope scope, NDArray expertIdsT, NDArray probabilityTE, TokenMask mask) {
        int numExperts = Math.toIntExact(probabilityTE.getShape().get(1));
        NDArray countE = scope.oneHot(expertIdsT, numExperts).sum(new int[] {0});
        return mask.perToken(countE).mul(mask.meanRow(probabilityTE)).sum().mul(scope.constant(numExperts));
    }
}
