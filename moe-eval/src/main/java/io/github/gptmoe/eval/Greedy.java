package io.github.gptmoe.eval;

/** Always the most probable token; of equals the one with the lowest id. */
public record Greedy() implements TokenChoice {
    @Override
    public int choose(float[] logits, int index) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            if (logits[id] > logits[best]) {
                best = id;
            }
        }
        return best;
    }
}
