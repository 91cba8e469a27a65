package io.github.gptmoe.eval.lexical;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How much the characters and pairs of characters of a text say: {@code idf(g) = ln((n + 1) / (df(g) + 1))}, where df(g) of the n
 * texts contain g. A text is the set of its characters and pairs.
 */
public final class TermWeights {
    private final Map<String, Integer> documentFrequency = new HashMap<>();
    private final int texts;

    /**
     * Counts.
     *
     * @param texts unlabelled texts
     */
    public TermWeights(Collection<String> texts) {
        this.texts = texts.size();
        for (String text : texts) {
            terms(text).forEach(term -> documentFrequency.merge(term, 1, Integer::sum));
        }
    }

    /**
     * Likeness of two texts: the cosine of their idf vectors.
     *
     * @param one a text
     * @param other another
     * @return 0 (nothing in common) to 1; 0 if one has no weight at all
     */
    public double cosine(String one, String other) {
        Set<String> first = terms(one);
        Set<String> second = terms(other);
        double product = 0;
        for (String term : first) {
            if (second.contains(term)) {
                product += weight(term) * weight(term);
            }
        }
        double norms = Math.sqrt(squares(first) * squares(second));
        return norms == 0 ? 0 : product / norms;
    }

    /**
     * How much of a part's weight a text has.
     *
     * @param text the text
     * @param part what may be in there
     * @return 0 to 1; 0 if the part has no weight at all
     */
    public double coverage(String text, String part) {
        Set<String> there = terms(text);
        double found = 0;
        double all = 0;
        for (String term : terms(part)) {
            all += weight(term);
            found += there.contains(term) ? weight(term) : 0;
        }
        return all == 0 ? 0 : found / all;
    }

    private double squares(Set<String> terms) {
        double sum = 0;
        for (String term : terms) {
            sum += weight(term) * weight(term);
        }
        return sum;
    }

    private double weight(String term) {
        return Math.log((texts + 1.0) / (documentFrequency.getOrDefault(term, 0) + 1.0));
    }

    private static Set<String> terms(String text) {
        Set<String> terms = new HashSet<>();
        for (int i = 0; i < text.length(); i++) {
            terms.add(text.substring(i, i + 1));
            if (i + 1 < text.length()) {
                terms.add(text.substring(i, i + 2));
            }
        }
        return terms;
    }
}
