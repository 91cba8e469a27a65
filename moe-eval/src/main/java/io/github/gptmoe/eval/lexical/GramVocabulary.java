package io.github.gptmoe.eval.lexical;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Numbers the character pairs of a corpus, and single characters if asked for. White space separates; case is ignored. A gram
 * that occurs once is left out: it says nothing about any other text.
 */
final class GramVocabulary {
    private static final int CODE_POINT_BITS = 21;

    private final boolean unigrams;
    private final Map<Long, Integer> numbers = new HashMap<>();
    private final long[] counts;

    GramVocabulary(List<String> texts, boolean unigrams) {
        this.unigrams = unigrams;
        Map<Long, Long> all = new HashMap<>();
        for (String text : texts) {
            grams(text, gram -> all.merge(gram, 1L, Long::sum));
        }
        long[] kept = all.entrySet().stream()
                .filter(gram -> gram.getValue() > 1)
                .mapToLong(Map.Entry::getKey)
                .sorted()
                .toArray();
        counts = new long[kept.length];
        for (int i = 0; i < kept.length; i++) {
            numbers.put(kept[i], i);
            counts[i] = all.getOrDefault(kept[i], 0L);
        }
    }

    int size() {
        return counts.length;
    }

    /** How often a gram occurs in the corpus. */
    long count(int gram) {
        return counts[gram];
    }

    /** The grams of a text in order, repeated ones too; unknown ones are passed over. */
    int[] encode(String text) {
        IntList found = new IntList();
        grams(text, gram -> {
            Integer number = numbers.get(gram);
            if (number != null) {
                found.add(number);
            }
        });
        return found.trimmed();
    }

    private void grams(String text, LongConsumer consumer) {
        String lower = text.toLowerCase(Locale.ROOT);
        int before = -1;
        for (int i = 0; i < lower.length(); i += Character.charCount(lower.codePointAt(i))) {
            int codePoint = lower.codePointAt(i);
            boolean blank = Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
            if (!blank && before >= 0) {
                consumer.accept(((long) before << CODE_POINT_BITS) | codePoint);
            }
            if (!blank && unigrams) {
                consumer.accept(-1L - codePoint); // below 0: apart from every pair
            }
            before = blank ? -1 : codePoint;
        }
    }

    private static final class IntList {
        private int[] values = new int[64];
        private int size;

        void add(int value) {
            values = size == values.length ? Arrays.copyOf(values, 2 * size) : values;
            values[size++] = value;
        }

        int[] trimmed() {
            return Arrays.copyOf(values, size);
        }
    }
}
