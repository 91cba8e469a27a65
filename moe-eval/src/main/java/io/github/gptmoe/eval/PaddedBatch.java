package io.github.gptmoe.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Windows side by side, padded on the right to the longest. Causal attention keeps real tokens from seeing padding, and the
 * mask keeps padding away from the experts.
 *
 * @param inputsBL ids the model sees, int64 (B, L)
 * @param targetsBL ids it is to predict, int64 (B, L)
 * @param validT 1 for a real token, 0 for padding, FP32 (T), or null where there is no padding
 */
record PaddedBatch(
        NDArray inputsBL, NDArray targetsBL, @Nullable NDArray validT) {
    private static final long PADDING = 0;

    static int length(List<ScoreWindow> windows) {
        return windows.stream().mapToInt(ScoreWindow::positions).max().orElse(0);
    }

    /** Makes the arrays, attached to {@code scope}; {@code sequences} are all those the windows lead into. */
    static PaddedBatch of(NDManager scope, List<ScoreWindow> windows, List<int[]> sequences) {
        int length = length(windows);
        long[] inputs = new long[windows.size() * length];
        long[] targets = new long[inputs.length];
        float[] valid = new float[inputs.length];
        boolean padded = false;
        int at = 0;
        for (ScoreWindow window : windows) {
            int[] ids = sequences.get(window.sequence());
            for (int column = 0; column < length; column++, at++) {
                boolean real = column < window.positions();
                inputs[at] = real ? ids[window.start() + column] : PADDING;
                targets[at] = real ? ids[window.start() + column + 1] : PADDING;
                valid[at] = real ? 1 : 0;
                padded |= !real;
            }
        }
        Shape shape = new Shape(windows.size(), length);
        return new PaddedBatch(
                scope.create(inputs, shape), scope.create(targets, shape), padded ? scope.create(valid) : null);
    }
}
