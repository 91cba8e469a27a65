package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trees side by side, a row each, padded on the right.
 *
 * @param idsBL token ids, int64
 * @param positionsBL position of every token on its own way from the root, int64; 0 for padding
 * @param endsBL the place after each token's last descendant, int64; for padding the next place
 * @param validT 1 for a real token, 0 for padding, FP32; null where there is no padding
 * @param shared tokens before the first branch, in the row that has fewest
 * @param longest tokens on the longest way from a root, so positions that the model must have
 */
public record TokenTrees(
        NDArray idsBL,
        NDArray positionsBL,
        NDArray endsBL,
        @Nullable NDArray validT,
        int shared,
        int longest) {
    private static final long PADDING = 0;

    /**
     * Makes the arrays. Token {@code place} of tree b stands at {@code b * length(trees) + place} of the flattened batch.
     *
     * @param scope owner of the arrays
     * @param trees at least one
     * @return the batch
     */
    public static TokenTrees of(NDManager scope, List<TokenTree> trees) {
        int length = length(trees);
        if (length == 0) {
            throw new IllegalArgumentException("a batch needs at least one tree");
        }
        int total = trees.size() * length;
        long[] ids = new long[total];
        long[] positions = new long[total];
        long[] ends = new long[total];
        float[] valid = new float[total];
        boolean padded = false;
        int shared = length;
        int longest = 0;
        int at = 0;
        for (TokenTree tree : trees) {
            shared = Math.min(shared, tree.prefix());
            padded |= tree.size() < length;
            for (int place = 0; place < length; place++, at++) {
                boolean real = place < tree.size();
                ids[at] = real ? tree.id(place) : PADDING;
                positions[at] = real ? tree.position(place) : 0;
                ends[at] = real ? tree.end(place) : place + 1L;
                valid[at] = real ? 1 : 0;
                longest = Math.max(longest, (int) positions[at] + 1);
            }
        }
        Shape shape = new Shape(trees.size(), length);
        return new TokenTrees(
                scope.create(ids, shape),
                scope.create(positions, shape),
                scope.create(ends, shape),
                padded ? scope.create(valid) : null,
                shared,
                longest);
    }

    /**
     * Places of a row.
     *
     * @param trees the rows of a batch
     * @return L, places of the largest tree; 0 if there is none
     */
    public static int length(List<TokenTree> trees) {
        return trees.stream().mapToInt(TokenTree::size).max().orElse(0);
    }
}
