package io.github.gptmoe.eval;

/** Takes the improbable tokens out of a distribution. */
@FunctionalInterface
public interface Truncation {
    /**
     * Sets the probability of what is taken out to 0, in place; the others keep theirs, so that the sum falls below 1 and
     * the caller normalises. At least one probability stays.
     *
     * @param probabilities one for each id
     */
    void truncate(double[] probabilities);
}
