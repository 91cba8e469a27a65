package io.github.gptmoe.eval;

import java.util.List;
import java.util.function.IntConsumer;

/**
 * Draws each token from {@code softmax(logits / temperature)} after truncation. The draw depends on the seed and on how many
 * tokens were drawn before, so the same call gives the same text.
 *
 * @param temperature above 0; below 1 sharpens the distribution, above 1 flattens it
 * @param truncations applied in order
 * @param seed of the draws
 */
public record Sampling(double temperature, List<Truncation> truncations, long seed) implements Decoding {
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
    public Continued continueText(Continuation start, Limits limits, IntConsumer listener) {
        return TokenByToken.run(start, limits, listener, this::draw);
    }

    int draw(float[] logits, int index) {
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
