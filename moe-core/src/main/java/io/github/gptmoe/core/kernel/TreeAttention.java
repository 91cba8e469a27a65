package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * Attention within trees of tokens: a token sees itself, its ancestors and nothing else (Miao et al. 2023, SpecInfer; Cai et
 * al. 2024, Medusa). Tokens stand in preorder, so token j is an ancestor of token i, or i itself, exactly if {@code j <= i <
 * ends[j]}; one number a token says the whole mask, which exists for a block of queries at a time. A tree that does not
 * branch is a sequence, and what it gets is causal attention.
 *
 * <p>For inference: there is no way back.
 *
 * @param endsBL of each token the place after its last descendant, int64 (B, L); for padding the next place. Not owned
 * @param shared beginning of every row, in tokens, that has no branch; 0 is always right, more saves masking
 * @param block queries of a block; at least 1
 */
public record TreeAttention(NDArray endsBL, int shared, int block) implements AttentionForm {
    /**
     * Checks the numbers.
     *
     * @param endsBL as above
     * @param shared as above
     * @param block as above
     */
    public TreeAttention {
        if (block < 1 || shared < 0) {
            throw new IllegalArgumentException("blocks of " + block + " queries and " + shared
                    + " shared tokens; there must be at least 1 and 0 of them");
        }
    }

    @Override
    public NDArray run(NDManager scope, NDList qkv) {
        return KernelModule.instance()
                .call("tree_attention", scope, qkv.get(0), qkv.get(1), qkv.get(2), endsBL, shared, block)
                .get(0);
    }

    /**
     * Refuses.
     *
     * @throws UnsupportedOperationException always
     */
    @Override
    public Recorded record(NDManager scope, NDList qkv) {
        throw new UnsupportedOperationException("trees of tokens are for inference; training attends over sequences");
    }
}
