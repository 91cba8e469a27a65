package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;

/**
 * Distances from tokens to the decision boundaries of a linear router.
 *
 * <p>With logits s = Wx the boundary between experts i and j is the hyperplane s_i = s_j, and the distance of a token on
 * the side of i is exactly d_ij = (s_i - s_j) / |w_i - w_j|_q, in the norm dual to q. (For networks this is a first-order
 * estimate: Elsayed et al. 2018, https://arxiv.org/abs/1803.05598. As there, the denominator carries no gradient.)
 */
final class BoundaryDistance {
    /** Keeps the quotient finite for two experts with equal weights, which have no boundary. */
    private static final float EPSILON = 1e-8f;

    /** Beyond every real distance, so that the chosen expert is never its own rival. */
    private static final float FAR = 1e30f;

    private BoundaryDistance() {}

    /** Returns (T, K), the distances to the K nearest boundaries, with gradient with respect to the logits alone. */
    static NDArray nearest(RoutingScope scope, TopChoice choice, NDArray weightED, DistanceNorm norm, int rivals) {
        NDArray logitsTE = choice.logitsTE();
        int numExperts = Math.toIntExact(weightED.getShape().get(0));
        // A gather, not a product with the one-hot rows: device settings that round products must not reach the norms.
        NDArray chosenTE = choice.chosenT().expandDims(1).broadcast(logitsTE.getShape());
        NDArray normTE = norm.pairwise(weightED).gather(chosenTE, 0).add(EPSILON);
        NDArray distanceTE = TopChoice.chosen(logitsTE, choice.chosenT())
                .sub(logitsTE)
                .div(normTE)
                .add(scope.oneHot(choice.chosenT(), numExperts).mul(scope.constant(FAR)));
        return rivals == 1
                ? distanceTE.min(new int[] {1}, true)
                : distanceTE.topK(rivals, 1, false, true).get(0);
    }
}
