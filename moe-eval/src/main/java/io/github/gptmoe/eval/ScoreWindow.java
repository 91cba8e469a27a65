package io.github.gptmoe.eval;

import java.util.ArrayList;
import java.util.List;

/**
 * A stretch of a sequence that is scored in one go: its tokens {@code start} to {@code end} (excluded), of which those from
 * {@code firstScored} on get their score here.
 *
 * @param sequence index of the sequence in the call
 * @param start first token the model sees
 * @param firstScored first token that is scored; after {@code start}
 * @param end after the last token
 */
record ScoreWindow(int sequence, int start, int firstScored, int end) {
    /** Positions the model computes: the last token is only predicted. */
    int positions() {
        return end - start - 1;
    }

    /**
     * Covers a sequence: each token but the first is scored once. A window shows the model at most {@code longest} tokens;
     * from the second window on, at least half of them stand before the first scored one.
     */
    static List<ScoreWindow> cover(int sequence, int tokens, int longest) {
        List<ScoreWindow> windows = new ArrayList<>();
        int firstScored = 1;
        while (firstScored < tokens) {
            int start = firstScored == 1 ? 0 : firstScored - (longest + 1) / 2;
            int end = Math.min(tokens, start + longest + 1);
            windows.add(new ScoreWindow(sequence, start, firstScored, end));
            firstScored = end;
        }
        return windows;
    }
}
