package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;

/**
 * The z-loss of ST-MoE, the mean over real tokens of logsumexp(logits)^2, which keeps logits small (Zoph et al. 2022,
 * equation 5, https://arxiv.org/abs/2202.08906).
 */
final class RouterZLoss {
    private RouterZLoss() {}

    /** Returns the scalar loss. */
    static NDArray of(NDArray logitsTE, TokenMask mask) {
        // The maximum is only a shift against overflow. It cancels in the gradient, so it needs none of its own.
        NDArray maxT1 = logitsTE.stopGradient().max(new int[] {1}, true);
        NDArray logSumExpT1 =
                logitsTE.sub(maxT1).exp().sum(new int[] {1}, true).log().add(maxT1);
        return mask.mean(logSumExpT1.squeeze(1).square());
    }
}
