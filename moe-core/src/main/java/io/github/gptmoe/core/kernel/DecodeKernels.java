package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A decoder's halves for one new token of each of a few sequences. Memory bounds such a step: each weight is read once and
 * meets a handful of rows, so calls are few and only the weights of experts that have tokens are passed.
 *
 * <p>Axes: B sequences, one token each; H heads; S capacity of the cache; last: tokens of the cache that are looked at,
 * enough for the longest sequence.
 */
public final class DecodeKernels {
    private static final int QKV_WEIGHT = 2;
    private static final int OUTPUT_WEIGHT = 4;
    private static final int FFN_DOWN = 4;
    private static final int SAME_SHAPE = 64;

    private DecodeKernels() {}

    /**
     * Where the new tokens stand; made once a step, used by every block.
     *
     * @param slotsR row of each sequence's and head's new token in a cache seen as (B * H * S, D/H), int64
     * @param laterBL 0 where a sequence has a token and -infinity beyond, FP32 (B, last)
     */
    public record Places(NDArray slotsR, NDArray laterBL) {}

    /**
     * Embeds tokens whose positions do not follow from their places, such as one token a sequence.
     *
     * @param scope owner of the result
     * @param idsB token ids, int64, of any shape
     * @param lengthsB tokens before each, which is its position; int64, of the same shape
     * @param tables token table (V, D) and position table (S, D)
     * @return residual stream (B, D), or of another shape and D
     */
    public static NDArray embed(NDManager scope, NDArray idsB, NDArray lengthsB, NDList tables) {
        return KernelModule.instance()
                .call("decode_embed", scope, idsB, lengthsB, tables.get(0), tables.get(1))
                .get(0);
    }

    /**
     * Finds the places of the new tokens. On the host: the numbers are few, and a dozen small kernels would take longer.
     *
     * @param scope owner of the result
     * @param lengths tokens of each sequence before the new one
     * @param heads number of heads
     * @param capacity S, tokens that a sequence may have in the cache
     * @return the places
     */
    public static Places places(NDManager scope, int[] lengths, int heads, int capacity) {
        long[] slots = new long[lengths.length * heads];
        int longest = Arrays.stream(lengths).max().orElse(0) + 1;
        // libtorch compiles a product for every shape it meets, and the lengths grow with every step.
        int last = Math.min((longest + SAME_SHAPE - 1) / SAME_SHAPE * SAME_SHAPE, capacity);
        float[] later = new float[lengths.length * last];
        for (int row = 0; row < lengths.length; row++) {
            for (int head = 0; head < heads; head++) {
                slots[row * heads + head] = ((long) row * heads + head) * capacity + lengths[row];
            }
            Arrays.fill(later, row * last + lengths[row] + 1, (row + 1) * last, Float.NEGATIVE_INFINITY);
        }
        return new Places(scope.create(slots), scope.create(later, new Shape(lengths.length, last)));
    }

    /**
     * Attention with its norm and residual connection; writes keys and values of the new tokens into the caches.
     *
     * @param scope owner of the result
     * @param xBD residual stream of the new tokens
     * @param weights as of {@link AttentionKernels}
     * @param heads number of heads
     * @param places where the new tokens stand
     * @param keysBHSD key cache of at least B sequences, contiguous, updated in place; beyond the tokens so far it holds
     *     any finite numbers
     * @param valuesBHSD value cache, likewise
     * @return new residual stream (B, D)
     */
    public static NDArray attention(
            NDManager scope,
            NDArray xBD,
            NDList weights,
            int heads,
            Places places,
            NDArray keysBHSD,
            NDArray valuesBHSD) {
        return KernelModule.instance()
                .call(
                        "decode_attention",
                        scope,
                        xBD,
                        weights.get(0),
                        weights.get(1),
                        weights.get(QKV_WEIGHT),
                        weights.get(QKV_WEIGHT + 1),
                        weights.get(OUTPUT_WEIGHT),
                        weights.get(OUTPUT_WEIGHT + 1),
                        heads,
                        places.slotsR,
                        places.laterBL,
                        keysBHSD,
                        valuesBHSD)
                .get(0);
    }

    /**
     * A dense feed-forward layer with its norm and residual connection.
     *
     * @param scope owner of the result
     * @param xBD residual stream
     * @param norm scale and shift
     * @param ffn as of {@link FeedForwardKernels}
     * @return new residual stream (B, D)
     */
    public static NDArray feedForward(NDManager scope, NDArray xBD, NDList norm, NDList ffn) {
        return KernelModule.instance()
                .call(
                        "decode_ffn",
                        scope,
                        xBD,
                        norm.get(0),
                        norm.get(1),
                        ffn.get(0),
                        ffn.get(1),
                        ffn.get(2),
                        ffn.get(FFN_DOWN - 1))
                .get(0);
    }

    /**
     * Normalised tokens with their experts.
     *
     * @param hBD normalised tokens
     * @param expertIdsB int64
     * @param gateB FP32
     */
    public record Routed(NDArray hBD, NDArray expertIdsB, NDArray gateB) {}

    /**
     * Norm and the decision of a linear top-1 router: the expert of the greatest logit, the first one of equals, and its
     * softmax probability, in FP32.
     *
     * @param scope owner of the results
     * @param xBD residual stream
     * @param norm scale and shift
     * @param routerED the router's weight, FP32
     * @return the decision
     */
    public static Routed route(NDManager scope, NDArray xBD, NDList norm, NDArray routerED) {
        NDList results = KernelModule.instance().call("decode_route", scope, xBD, norm.get(0), norm.get(1), routerED);
        return new Routed(results.get(0), results.get(1), results.get(2));
    }

    /**
     * The dense way beside the experts.
     *
     * @param ffn as of {@link FeedForwardKernels}
     * @param gate as of {@link ResidualMixKernels}
     */
    public record DensePath(NDList ffn, NDList gate) {}

    /**
     * Which experts run on which tokens.
     *
     * @param orderB tokens in the order of their experts, int64
     * @param countsN tokens of each expert that has any, int64
     * @param experts weights of these N experts, in this order; at least one
     */
    public record Dispatch(NDArray orderB, NDArray countsN, ExpertWeights experts) {}

    /**
     * Experts with the residual connection, and with the dense path where the model has one.
     *
     * @param scope owner of the result
     * @param xBD residual stream
     * @param routed normalised tokens and gates
     * @param dispatch the experts at work
     * @param dense the way beside them, or null
     * @return new residual stream (B, D)
     */
    public static NDArray experts(
            NDManager scope, NDArray xBD, Routed routed, Dispatch dispatch, @Nullable DensePath dense) {
        ExpertWeights experts = dispatch.experts;
        if (dense == null) {
            return KernelModule.instance()
                    .call(
                            "decode_experts",
                            scope,
                            xBD,
                            routed.hBD,
                            routed.gateB,
                            dispatch.orderB,
                            dispatch.countsN,
                            experts.upWeights(),
                            experts.upBiases(),
                            experts.downWeights(),
                            experts.downBiases())
                    .get(0);
        }
        return KernelModule.instance()
                .call(
                        "decode_residual_experts",
                        scope,
                        xBD,
                        routed.hBD,
                        routed.gateB,
                        dispatch.orderB,
                        dispatch.countsN,
                        experts.upWeights(),
                        experts.upBiases(),
                        experts.downWeights(),
                        experts.downBiases(),
                        dense.ffn,
                        dense.gate)
                .get(0);
    }

    /**
     * Logits of a few tokens.
     *
     * @param scope owner of the result
     * @param xBD residual stream after the last block
     * @param weights head weights
     * @return FP32 logits (B, V)
     */
    public static NDArray logits(NDManager scope, NDArray xBD, HeadKernels.Weights weights) {
        return KernelModule.instance()
                .call("decode_logits", scope, xBD, weights.normWeight(), weights.normBias(), weights.tokensVD())
                .get(0);
    }

    /**
     * Picks tokens.
     *
     * @param scope owner of the result
     * @param xBLD states
     * @param tokensN indices into the flattened B * L tokens, int64
     * @return the states of these tokens, (number of them, D)
     */
    public static NDArray pick(NDManager scope, NDArray xBLD, NDArray tokensN) {
        return KernelModule.instance().call("pick_rows", scope, xBLD, tokensN).get(0);
    }
}
