package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;

/** The margin loss: the mean over real tokens of sum_k max(0, gamma - d_k) over the K nearest boundaries. */
final class MarginHinge {
    private MarginHinge() {}

    /** Returns the scalar loss of distances (T, K). */
    static NDArray of(NDArray distanceTK, float gamma, TokenMask mask) {
        return mask.mean(Activation.relu(distanceTK.neg().add(gamma)).sum(new int[] {1}));
    }
}
