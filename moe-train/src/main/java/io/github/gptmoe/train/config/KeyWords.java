package io.github.gptmoe.train.config;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A key cut into its words: {@code learningRate}, {@code learning_rate} and {@code LEARNING-RATE} are all learning, rate.
 *
 * @param words in lower case
 */
record KeyWords(List<String> words) {
    private static final Pattern BETWEEN = Pattern.compile("[^\\p{L}\\p{N}]+|(?<=[\\p{Ll}\\p{N}])(?=\\p{Lu})");
    private static final int LONGEST = 100;

    /** Words that say "this is a number" and that our keys do without. */
    private static final Set<String> COUNTING = Set.of("n", "num", "number", "of", "size", "count", "per", "total");

    static KeyWords of(String key) {
        return new KeyWords(BETWEEN.splitAsStream(key.substring(0, Math.min(key.length(), LONGEST)))
                .filter(word -> !word.isEmpty())
                .map(word -> word.toLowerCase(Locale.ROOT))
                .toList());
    }

    /** The same without {@code num_}, {@code _size} and the like; itself if nothing would be left. */
    KeyWords withoutCounting() {
        List<String> rest =
                words.stream().filter(word -> !COUNTING.contains(word)).toList();
        return rest.isEmpty() ? this : new KeyWords(rest);
    }

    String joined() {
        return String.join("", words);
    }

    /** Whether this is a beginning of every word of the other, in order: lr, seqLen or seqlen, vocab, minLr. */
    boolean abbreviates(KeyWords other) {
        return !words.isEmpty() && abbreviates(joined(), 0, other.words, 0);
    }

    private static boolean abbreviates(String letters, int from, List<String> words, int word) {
        if (word == words.size()) {
            return from == letters.length();
        }
        String whole = words.get(word);
        for (int taken = 1; taken <= whole.length() && from + taken <= letters.length(); taken++) {
            if (letters.charAt(from + taken - 1) != whole.charAt(taken - 1)) {
                return false;
            }
            if (abbreviates(letters, from + taken, words, word + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Whether this is the last words of the other: batch in globalBatch. */
    boolean ends(KeyWords other) {
        int before = other.words.size() - words.size();
        return before > 0 && !words.isEmpty() && words.equals(other.words.subList(before, other.words.size()));
    }

    /** Whether this is the first words of the other: warmup in warmupSteps. */
    boolean begins(KeyWords other) {
        return !words.isEmpty()
                && words.size() < other.words.size()
                && words.equals(other.words.subList(0, words.size()));
    }
}
