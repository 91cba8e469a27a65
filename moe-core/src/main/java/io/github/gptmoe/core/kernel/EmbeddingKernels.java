package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** Token and position embedding. */
public final class EmbeddingKernels {
    private EmbeddingKernels() {}

    /**
     * Token plus position embedding of the beginnings of sequences.
     *
     * @param scope owner of the result
     * @param idsBL token ids, int64 (B, L)
     * @param tokensVD token table (V, D)
     * @param positionsSD position table (S, D)
     * @return hidden states (B, L, D)
     */
    public static NDArray embed(NDManager scope, NDArray idsBL, NDArray tokensVD, NDArray positionsSD) {
        return KernelModule.instance()
                .call("embed", scope, idsBL, tokensVD, positionsSD)
                .get(0);
    }

    /**
     * Gradient of {@link #embed}, in place: rows of the token table by index, positions by a sum over
     * the batch. A dense V x D gradient is never made. The token table is always added to, because the head, which shares
     * it, has been there before; {@code into} decides for the positions.
     *
     * @param idsBL token ids, int64 (B, L)
     * @param gradBLD gradient of the embedding's output
     * @param into accumulators of the token table and the position table
     */
    public static void embedBackward(NDArray idsBL, NDArray gradBLD, Accumulators into) {
        KernelModule.instance()
                .call(
                        "embed_backward",
                        gradBLD.getManager(),
                        idsBL,
                        gradBLD,
                        into.arrays().get(0),
                        into.arrays().get(1),
                        into.beta());
    }
}
