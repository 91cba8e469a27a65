package io.github.gptmoe.train.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The known word that a mistyped one was probably meant to be. */
final class NearestKey {

    private static final int LONGEST_COMPARED = 100;

    private NearestKey() {}

    /** The known word with the smallest edit distance; case, {@code _} and {@code -} do not count. */
    static Optional<String> to(String word, Collection<String> known) {
        return known.stream().min(Comparator.comparingInt(candidate -> errors(word, candidate)));
    }

    /** The edit distance of two keys; case, {@code _} and {@code -} do not count. */
    static int errors(String word, String key) {
        return distance(plain(word), plain(key));
    }

    private static String plain(String word) {
        String letters = word.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
        return letters.substring(0, Math.min(letters.length(), LONGEST_COMPARED));
    }

    /** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
    static int distance(String from, String to) {
        int[][] edits = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                edits[i][j] = i == 0 || j == 0 ? i + j : cheapest(edits, from, to, i, j);
            }
        }
        return edits[from.length()][to.length()];
    }

    private static int cheapest(int[][] edits, String from, String to, int i, int j) {
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int cost = Math.min(Math.min(edits[i - 1][j], edits[i][j - 1]) + 1, edits[i - 1][j - 1] + (same ? 0 : 1));
        boolean swapped =
                i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2) && from.charAt(i - 2) == to.charAt(j - 1);
        return swapped ? Math.min(cost, edits[i - 2][j - 2] + 1) : cost;
    }
}
