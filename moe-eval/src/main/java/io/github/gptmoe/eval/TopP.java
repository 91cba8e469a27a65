package io.github.gptmoe.eval;

/**
 * Nucleus sampling (Holtzman et al. 2019, <a href="https://arxiv.org/abs/1904.09751">The Curious Case of Neural Text
 * Degeneration</a>): keeps the smallest set of most probable tokens whose share of the total is at least p; of equals those
 * with the lowest ids first.
 *
 * @param p share of the probability, above 0 and at most 1
 */
public record TopP(double p) implements Truncation {
    /**
     * Checks the share.
     *
     * @param p share of the probability
     */
    public TopP {
        if (!(p > 0 && p <= 1)) {
            throw new IllegalArgumentException("top-p is " + p + ", but must be above 0 and at most 1");
        }
    }

    @Override
    public void truncate(double[] probabilities) {
        if (p < 1) {
            Ranking ranking = Ranking.of(probabilities);
            ranking.keep(ranking.nucleus(p));
        }
    }
}
