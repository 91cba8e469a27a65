package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * The layers of the decoder as single native calls. All of them are recorded by {@link Autograd} and compute in the dtype
 * of their inputs; normalisation statistics and softmax sums are FP32 inside libtorch also for BF16 inputs.
 */
public final class LayerKernels {
    private LayerKernels() {}

    /**
     * Token plus position embedding.
     *
     * @param scope owner of the result
     * @param idsBL token ids, int64 (B, L)
     * @param tokensVD token table (V, D)
     * @param positionsSD position table (S, D)
     * @param start position of the first column of {@code idsBL}
     * @return hidden states (B, L, D)
     */
    public static NDArray embed(NDManager scope, NDArray idsBL, NDArray tokensVD, NDArray positionsSD, long start) {
        return one("embed", scope, idsBL, tokensVD, positionsSD, start);
    }

    /**
     * Gradient of {@link #embed} at {@code start = 0}, added in place: rows of the token table by index, positions by a sum
     * over the batch. A dense V x D gradient is never made.
     *
     * @param idsBL token ids, int64 (B, L)
     * @param gradBLD gradient of the embedding's output
     * @param intoTokensVD accumulator of the token table
     * @param intoPositionsSD accumulator of the position table
     */
    public static void embedBackward(NDArray idsBL, NDArray gradBLD, NDArray intoTokensVD, NDArray intoPositionsSD) {
        KernelModule.instance()
                .call("embed_backward", gradBLD.getManager(), idsBL, gradBLD, intoTokensVD, intoPositionsSD);
    }

    /**
     * Layer normalisation over the last axis, eps 1e-5.
     *
     * @param scope owner of the result
     * @param x hidden states (..., D)
     * @param weightAndBias scale and shift, (D) each
     * @return normalised states, shape of {@code x}
     */
    public static NDArray layerNorm(NDManager scope, NDArray x, NDList weightAndBias) {
        return one("layer_norm", scope, x, weightAndBias.get(0), weightAndBias.get(1));
    }

    /**
     * Pre-norm causal multi-head self-attention with its residual connection: {@code x + out(attend(qkv(norm(x))))}.
     *
     * @param scope owner of the result
     * @param xBLD residual stream (B, L, D)
     * @param weights norm weight and bias, qkv weight (3D, D) and bias, output weight (D, D) and bias
     * @param heads number of heads; divides D
     * @param fused true for libtorch's fused attention, false for explicit softmax(QK^T)V
     * @return new residual stream (B, L, D)
     */
    public static NDArray attention(NDManager scope, NDArray xBLD, NDList weights, int heads, boolean fused) {
        return one(
                "attention",
                scope,
                xBLD,
                weights.get(0),
                weights.get(1),
                weights.get(2),
                weights.get(3),
                weights.get(4),
                weights.get(5),
                heads,
                fused);
    }

    /**
     * {@link #attention} for inference: keys and values of the new tokens are written into the cache, which also serves
     * the tokens before them.
     *
     * @param scope owner of the result
     * @param xBLD residual stream of the new tokens (B, L, D)
     * @param weights as in {@link #attention}
     * @param heads number of heads
     * @param start position of the first new token
     * @param keysBHSD key cache (B, H, S, D/H), updated in place; S at least {@code start + L}
     * @param valuesBHSD value cache, likewise
     * @return new residual stream (B, L, D)
     */
    public static NDArray attentionCached(
            NDManager scope,
            NDArray xBLD,
            NDList weights,
            int heads,
            long start,
            NDArray keysBHSD,
            NDArray valuesBHSD) {
        return one(
                "attention_cached",
                scope,
                xBLD,
                weights.get(0),
                weights.get(1),
                weights.get(2),
                weights.get(3),
                weights.get(4),
                weights.get(5),
                heads,
                start,
                keysBHSD,
                valuesBHSD);
    }

    /**
     * Feed-forward network {@code down(gelu(up(h)))}, exact GELU.
     *
     * @param scope owner of the result
     * @param hTD tokens (T, D)
     * @param weights up weight (F, D) and bias, down weight (D, F) and bias
     * @return (T, D)
     */
    public static NDArray ffn(NDManager scope, NDArray hTD, NDList weights) {
        return one("ffn", scope, hTD, weights.get(0), weights.get(1), weights.get(2), weights.get(3));
    }

    /**
     * Pre-norm dense FFN with its residual connection: {@code x + ffn(norm(x))}.
     *
     * @param scope owner of the result
     * @param x residual stream (..., D)
     * @param norm norm weight and bias
     * @param weights as in {@link #ffn}
     * @return new residual stream
     */
    public static NDArray denseBlock(NDManager scope, NDArray x, NDList norm, NDList weights) {
        return one(
                "dense_block",
                scope,
                x,
                norm.get(0),
                norm.get(1),
                weights.get(0),
                weights.get(1),
                weights.get(2),
                weights.get(3));
    }

    /**
     * Sends every token through its expert and multiplies by the gate: tokens are sorted by expert, gathered once, run
     * through one FFN a contiguous segment, and put back. A token with id E visits no expert and gives zeros.
     *
     * @param scope owner of the result
     * @param hTD tokens (T, D)
     * @param expertIdsT expert of each token, int64 (T), in [0, E]
     * @param gateT factor of each token, (T)
     * @param weights weights of the E experts
     * @return (T, D)
     */
    public static NDArray experts(
            NDManager scope, NDArray hTD, NDArray expertIdsT, NDArray gateT, ExpertWeights weights) {
        return one(
                "experts",
                scope,
                hTD,
                expertIdsT,
                gateT,
                weights.upWeights(),
                weights.upBiases(),
                weights.downWeights(),
                weights.downBiases());
    }

    /**
     * Residual connection of a flattened branch.
     *
     * @param scope owner of the result
     * @param xBLD residual stream
     * @param yTD branch, same number of elements
     * @return {@code x + y}, shape of {@code xBLD}
     */
    public static NDArray addReshaped(NDManager scope, NDArray xBLD, NDArray yTD) {
        return one("add_reshaped", scope, xBLD, yTD);
    }

    /**
     * Residual MoE: {@code x + c0 * expert + c1 * dense} with {@code c = softmax(h W^T + b)} over the two ways of each
     * token, in FP32 (Rajbhandari et al. 2022, DeepSpeed-MoE, section 4.1; the softmax runs over the last axis).
     *
     * @param scope owner of the result
     * @param xBLD residual stream
     * @param hTD normalised tokens the branches started from
     * @param expertTD expert branch
     * @param denseTD dense branch
     * @param gate weight (2, D) and bias (2)
     * @return new residual stream (B, L, D)
     */
    public static NDArray residualMix(
            NDManager scope, NDArray xBLD, NDArray hTD, NDArray expertTD, NDArray denseTD, NDList gate) {
        return one("residual_mix", scope, xBLD, hTD, expertTD, denseTD, gate.get(0), gate.get(1));
    }

    private static NDArray one(String kernel, NDManager scope, Object... arguments) {
        return KernelModule.instance().call(kernel, scope, arguments).get(0);
    }
}
