package io.github.gptmoe.eval;

import java.util.function.IntConsumer;

/** Always the most probable token; of equals the one with the lowest id. */
public record Greedy() implements Decoding {
    @Override
    public Continued continueText(Continuation start, Limits limits, IntConsumer listener) {
        return TokenByToken.run(start, limits, listener, (logits, index) -> argmax(logits));
    }

    private static int argmax(float[] logits) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            if (logits[id] > logits[best]) {
                best = id;
            }
        }
        return best;
    }
}
