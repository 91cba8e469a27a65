package io.github.gptmoe.eval;

/** The ids of the greatest logits. */
final class BestIds {
    private BestIds() {}

    /** At most {@code count} ids, greatest logit first, of equals the lowest id first. */
    static int[] of(float[] logits, int count) {
        int[] best = new int[Math.min(count, logits.length)];
        int filled = 0;
        for (int id = 0; id < logits.length; id++) {
            if (filled == best.length && !(logits[id] > logits[best[filled - 1]])) {
                continue;
            }
            int at = filled < best.length ? filled++ : filled - 1;
            while (at > 0 && logits[id] > logits[best[at - 1]]) {
                best[at] = best[at - 1];
                at--;
            }
            best[at] = id;
        }
        return best;
    }
}
