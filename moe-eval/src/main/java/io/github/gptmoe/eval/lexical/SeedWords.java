package io.github.gptmoe.eval.lexical;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Finds the seed words of labels in texts: from left to right, the longest at each place, none inside another. */
final class SeedWords {
    private final int labels;
    private final int longest;
    private final Map<String, boolean[]> owners = new HashMap<>();

    SeedWords(List<List<String>> seedsPerLabel) {
        labels = seedsPerLabel.size();
        for (int label = 0; label < labels; label++) {
            for (String seed : seedsPerLabel.get(label)) {
                owners.computeIfAbsent(seed.toLowerCase(Locale.ROOT), word -> new boolean[labels])[label] = true;
            }
        }
        longest = owners.keySet().stream().mapToInt(String::length).max().orElse(0);
    }

    /**
     * Who a text belongs to: the label with most hits, or those that share this number in equal parts.
     *
     * @return a share for each label, adding up to 1; all 0 if the text has no seed word
     */
    double[] shares(String text) {
        int[] hits = hits(text);
        int most = Arrays.stream(hits).max().orElse(0);
        double[] shares = new double[labels];
        if (most > 0) {
            long winners = Arrays.stream(hits).filter(count -> count == most).count();
            for (int label = 0; label < labels; label++) {
                shares[label] = hits[label] == most ? 1.0 / winners : 0;
            }
        }
        return shares;
    }

    private int[] hits(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int[] hits = new int[labels];
        int at = 0;
        while (at < lower.length()) {
            int length = longestAt(lower, at);
            if (length > 0) {
                boolean[] whose = owners.get(lower.substring(at, at + length));
                for (int label = 0; label < labels; label++) {
                    hits[label] += whose != null && whose[label] ? 1 : 0;
                }
            }
            at += Math.max(1, length);
        }
        return hits;
    }

    private int longestAt(String text, int at) {
        for (int length = Math.min(longest, text.length() - at); length > 0; length--) {
            if (owners.containsKey(text.substring(at, at + length))) {
                return length;
            }
        }
        return 0;
    }
}
