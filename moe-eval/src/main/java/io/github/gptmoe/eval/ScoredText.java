package io.github.gptmoe.eval;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A text and how probable each of its tokens is.
 *
 * @param tokens the pieces as they stand in the vocabulary, U+2581 for spaces included
 * @param ids their ids
 * @param logProbabilities natural log of p(token i | tokens before it); the first is null, as nothing stands before it
 */
public record ScoredText(List<String> tokens, List<Integer> ids, List<@Nullable Double> logProbabilities) {
    /**
     * Copies the lists.
     *
     * @param tokens the pieces
     * @param ids their ids
     * @param logProbabilities natural logs, the first null
     */
    public ScoredText {
        tokens = List.copyOf(tokens);
        ids = List.copyOf(ids);
        logProbabilities = Collections.unmodifiableList(new ArrayList<>(logProbabilities));
        if (ids.size() != tokens.size() || logProbabilities.size() != tokens.size()) {
            throw new IllegalArgumentException(tokens.size() + " tokens, " + ids.size() + " ids and "
                    + logProbabilities.size() + " log-probabilities");
        }
    }

    /**
     * The log-probability of the text after its first token.
     *
     * @return sum of all log-probabilities, in nats; 0 for fewer than two tokens
     */
    public double sum() {
        return logProbabilities.stream()
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    /**
     * The perplexity of the text after its first token.
     *
     * @return {@code exp(-sum / scored tokens)}; NaN for fewer than two tokens
     */
    public double perplexity() {
        return tokens.size() < 2 ? Double.NaN : Math.exp(-sum() / (tokens.size() - 1));
    }
}
