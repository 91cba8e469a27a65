package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * Final norm, tied output projection and cross entropy, in chunks of tokens so that FP32 logits exist for one chunk only, and
 * their gradient, in the dtype of the weights, for 1,024 tokens or one chunk, whichever is more. Logits are made in the dtype
 * of the weights; log-sum-exp and loss are FP32. Where V is no multiple of 16, {@link #lossAndBackward} works on a copy of the
 * token table filled up with zero rows, whose logits are minus infinity: products of odd width cost a tenth more in FP32.
 */
public final class HeadKernels {
    private HeadKernels() {}

    /**
     * The weights of the head.
     *
     * @param normWeight scale of the final norm (D)
     * @param normBias shift of the final norm (D)
     * @param tokensVD token table, used as output projection (V, D)
     */
    public record Weights(NDArray normWeight, NDArray normBias, NDArray tokensVD) {}

    /**
     * Result of {@link #lossAndBackward}.
     *
     * @param loss weighted sum of token losses, FP32 scalar
     * @param gradBLD gradient with respect to the head's input
     */
    public record LossAndGrad(NDArray loss, NDArray gradBLD) {}

    /**
     * Logits for every position.
     *
     * @param scope owner of the result
     * @param xBLD residual stream (..., D)
     * @param weights head weights
     * @return FP32 logits (..., V)
     */
    public static NDArray logits(NDManager scope, NDArray xBLD, Weights weights) {
        return KernelModule.instance()
                .call("head_logits", scope, xBLD, weights.normWeight, weights.normBias, weights.tokensVD)
                .get(0);
    }

    /**
     * Negative log-likelihood of every target, {@code logsumexp(logits) - logits[target]}.
     *
     * @param scope owner of the result
     * @param xBLD residual stream (B, L, D)
     * @param weights head weights
     * @param targetsBL target ids, int64, B*L of them
     * @param chunk tokens whose logits exist at a time
     * @return natural-log losses, FP32 (T)
     */
    public static NDArray tokenLosses(NDManager scope, NDArray xBLD, Weights weights, NDArray targetsBL, int chunk) {
        requirePositive(chunk);
        return KernelModule.instance()
                .call("head_nll", scope, xBLD, weights.normWeight, weights.normBias, weights.tokensVD, targetsBL, chunk)
                .get(0);
    }

    /**
     * Next tokens of some positions, grouped by position.
     *
     * @param rowsR positions among the flattened ones of the residual stream, int64, each once; at least one
     * @param firstsR of each of these the first pair that is its own, and at the end the number of pairs; int64, ascending
     * @param pairRowsP index into {@code rowsR} of each pair, int64, ascending
     * @param tokensP token of each pair, int64
     */
    public record Asked(NDArray rowsR, NDArray firstsR, NDArray pairRowsP, NDArray tokensP) {}

    /**
     * Log-probabilities of several next tokens of some positions, {@code logits[token] - logsumexp(logits)}; norm and logits are
     * made for these positions only.
     *
     * @param scope owner of the result
     * @param xBLD residual stream (..., D)
     * @param weights head weights
     * @param asked positions and tokens
     * @param chunk positions whose logits exist at a time
     * @return natural logs, FP32 (P)
     */
    public static NDArray logProbabilities(NDManager scope, NDArray xBLD, Weights weights, Asked asked, int chunk) {
        requirePositive(chunk);
        return KernelModule.instance()
                .call(
                        "head_log_probabilities",
                        scope,
                        xBLD,
                        weights.normWeight,
                        weights.normBias,
                        weights.tokensVD,
                        asked.rowsR,
                        asked.firstsR,
                        asked.pairRowsP,
                        asked.tokensP,
                        chunk)
                .get(0);
    }

    /**
     * Result of {@link #nextTokens}.
     *
     * @param logProbabilitiesP of each pair, natural log, FP32
     * @param bestP the most probable token of the position of each pair, int64; of equals the lowest
     */
    public record Answers(NDArray logProbabilitiesP, NDArray bestP) {}

    /**
     * Log-probabilities as of {@link #logProbabilities}, and what greedy decoding would take at the same positions, from the
     * same logits.
     *
     * @param scope owner of the result
     * @param xBLD residual stream (..., D)
     * @param weights head weights
     * @param asked positions and tokens
     * @param chunk positions whose logits exist at a time
     * @return both, attached to {@code scope}
     */
    public static Answers nextTokens(NDManager scope, NDArray xBLD, Weights weights, Asked asked, int chunk) {
        requirePositive(chunk);
        NDList result = KernelModule.instance()
                .call(
                        "head_next_tokens",
                        scope,
                        xBLD,
                        weights.normWeight,
                        weights.normBias,
                        weights.tokensVD,
                        asked.rowsR,
                        asked.firstsR,
                        asked.pairRowsP,
                        asked.tokensP,
                        chunk);
        return new Answers(result.get(0), result.get(1));
    }

    /**
     * Loss {@code sum_t w_t * nll_t} and its gradients in one pass. The gradient of the logits of a chunk is {@code w_t *
     * (softmax(logits) - onehot(target))}; the difference is formed in the buffer of the logits, the weight multiplies the
     * narrow factors of the two products instead. In FP16 the weight and {@code scale} do multiply the difference, in FP32:
     * small probabilities would be lost when they are rounded, which is what loss scaling is for. Logits and softmax take few tokens at a time, to stay in a CPU's cache; the
     * products take what 1,024 tokens have left, in the dtype of {@code xBLD}, because they run faster on many rows and
     * each passes once over the accumulator.
     *
     * @param scope owner of the result
     * @param xBLD residual stream (B, L, D)
     * @param weights head weights
     * @param targetsBL target ids, int64, B*L of them
     * @param tokenWeightsT weight of each token's loss, FP32 (T); 1/T for a mean
     * @param chunk tokens whose FP32 logits exist at a time
     * @param scale factor on every gradient, not on the loss (loss scaling)
     * @param into accumulators of norm weight, norm bias and token table
     * @return loss and gradient of {@code xBLD}, attached to {@code scope}
     */
    public static LossAndGrad lossAndBackward(
            NDManager scope,
            NDArray xBLD,
            Weights weights,
            NDArray targetsBL,
            NDArray tokenWeightsT,
            int chunk,
            double scale,
            Accumulators into) {
        requirePositive(chunk);
        NDList result = KernelModule.instance()
                .call(
                        "head_backward",
                        scope,
                        xBLD,
                        weights.normWeight,
                        weights.normBias,
                        weights.tokensVD,
                        targetsBL,
                        tokenWeightsT,
                        chunk,
                        scale,
                        into.arrays(),
                        into.beta());
        return new LossAndGrad(result.get(0), result.get(1));
    }

    /** The kernels would loop for ever. */
    private static void requirePositive(int chunk) {
        if (chunk < 1) {
            throw new IllegalArgumentException("a chunk of " + chunk + " tokens; it must have at least 1");
        }
    }
}
