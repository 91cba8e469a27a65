package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prompts side by side, padded on the right, so that every real token has its own position.
 *
 * @param idsBL token ids, int64
 * @param validT 1 for a real token, 0 for padding, FP32; null where there is no padding
 * @param lastTokensB index of each prompt's last token among the B * L, int64
 */
record PaddedPrompts(NDArray idsBL, @Nullable NDArray validT, NDArray lastTokensB) {
    private static final long PADDING = 0;

    /** Makes the arrays, attached to {@code scope}. */
    static PaddedPrompts of(NDManager scope, List<int[]> prompts, int longestAllowed) {
        int length = 0;
        int shortest = Integer.MAX_VALUE;
        for (int[] prompt : prompts) {
            length = Math.max(length, prompt.length);
            shortest = Math.min(shortest, prompt.length);
        }
        if (prompts.isEmpty() || shortest == 0 || length > longestAllowed) {
            throw new IllegalArgumentException(prompts.size() + " prompts of " + shortest + " to " + length
                    + " tokens for a cache of " + longestAllowed + " tokens a sequence");
        }
        long[] ids = new long[prompts.size() * length];
        float[] valid = new float[ids.length];
        long[] last = new long[prompts.size()];
        for (int row = 0; row < prompts.size(); row++) {
            int[] prompt = prompts.get(row);
            int first = row * length;
            for (int column = 0; column < length; column++) {
                boolean real = column < prompt.length;
                ids[first + column] = real ? prompt[column] : PADDING;
                valid[first + column] = real ? 1 : 0;
            }
            last[row] = (long) first + prompt.length - 1;
        }
        NDArray idsBL = scope.create(ids, new Shape(prompts.size(), length));
        return new PaddedPrompts(idsBL, shortest < length ? scope.create(valid) : null, scope.create(last));
    }
}
