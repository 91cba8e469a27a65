package io.github.gptmoe.eval;

/**
 * Keeps the K most probable tokens; of equals those with the lowest ids.
 *
 * @param k how many, at least 1
 */
public record TopK(int k) implements Truncation {
    /**
     * Checks the number.
     *
     * @param k how many
     */
    public TopK {
        if (k < 1) {
            throw new IllegalArgumentException("top-k keeps " + k + " tokens, but at least 1 is needed");
        }
    }

    @Override
    public void truncate(double[] probabilities) {
        if (k < probabilities.length) {
            Ranking.of(probabilities).keep(k);
        }
    }
}
