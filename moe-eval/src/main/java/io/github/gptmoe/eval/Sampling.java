package io.github.gptmoe.eval;

import java.util.List;

/**
 * Draws each token from {@code softmax(logits / temperature)} after truncation. The draw depends on the seed, the number of
 * the prompt and how many tokens were drawn for it before, so the same call gives the same texts, whatever batches they are
 * made in.
 *
 * @param temperature above 0; below 1 sharpens the distribution, above 1 flattens it
 * @param truncations applied in order
 * @param seed of the draws
 */
public record Sampling(double temperature, List<Truncation> truncations, long seed) implements TokenChoice {
    /**
     * Checks the temperature and copies the list.
     *
     * @param temperature above 0
     * @param truncations applied in order
     * @param seed of the draws
     */
    public Sampling {
        if (!(temperature > 0 && Double.isFinite(temperature))) {
            throw new IllegalArgumentException(
                    "temperature is " + temperature + ", but must be above 0; use greedy decoding instead of 0");
        }
        truncations = List.copyOf(truncations);
    }

    @Override
    public TokenChoice ofPrompt(int prompt) {
        return prompt == 0 ? this : new Sampling(temperature, truncations, CounterRandom.derived(seed, prompt));
    }

    @Override
    public int choose(float[] logits, int index) {
        double[] probabilities = Softmax.probabilities(logits, temperature);
        truncations.forEach(truncation -> truncation.truncate(probabilities));
        double total = 0;
        for (double probability : probabilities) {
            total += probability;
        }
        double rest = CounterRandom.uniform(seed, index) * total;
        int last = 0;
        for (int id = 0; id < probabilities.length; id++) {
            if (probabilities[id] > 0) {
                last = id;
                rest -= probabilities[id];
                if (rest < 0) {
                    return id;
                }
            }
        }
        return last; // Rounding left a little over.
    }
}
