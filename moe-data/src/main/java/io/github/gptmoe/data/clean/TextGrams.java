package io.github.gptmoe.data.clean;

import io.github.gptmoe.data.Hashes;
import io.github.gptmoe.data.corpus.LongTable;

/**
 * N-grams of a text by 64-bit hashes. Units are Chinese characters and runs of other letters and digits; punctuation and white
 * space divide runs and count for nothing.
 */
final class TextGrams {
    private static final long BASE = 0x9E3779B97F4A7C15L;

    private final LongTable table;

    /** Hash of each unit, and of all units before it as a polynomial in BASE modulo 2^64. */
    private final long[] prefix;

    /** Characters of all units before each. */
    private final int[] characters;

    private int count;

    /** How often the most frequent n-gram of the last length occurred; longer ones occur no more often. */
    private int lastMost;

    private int lastLength;

    /** From this length on no n-gram occurs twice. */
    private int singleFrom = Integer.MAX_VALUE;

    TextGrams(String text) {
        prefix = new long[text.length() + 1];
        characters = new int[text.length() + 1];
        long run = 0;
        int runLength = 0;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            boolean han = Characters.isHan(point);
            if (!han && Character.isLetterOrDigit(point)) {
                run = Hashes.mix(run ^ point);
                runLength++;
                continue;
            }
            if (runLength > 0) {
                add(run, runLength);
                run = 0;
                runLength = 0;
            }
            if (han) {
                add(Hashes.mix(point), 1);
            }
        }
        if (runLength > 0) {
            add(run, runLength);
        }
        table = new LongTable(count);
    }

    private void add(long hash, int length) {
        prefix[count + 1] = prefix[count] * BASE + hash;
        characters[count + 1] = characters[count] + length;
        count++;
    }

    private long hash(int from, long power, int n) {
        return prefix[from + n] - prefix[from] * power;
    }

    private static long power(int n) {
        long power = 1;
        for (int i = 0; i < n; i++) {
            power *= BASE;
        }
        return power;
    }

    /** The share of the characters that the most frequent n-gram has with all its places; 0 if none occurs twice. */
    double mostFrequent(int n) {
        if (n >= singleFrom) {
            return 0;
        }
        table.clear();
        long power = power(n);
        int most = 1;
        int place = 0;
        for (int i = 0; i + n <= count; i++) {
            int times = table.add(hash(i, power, n), 1);
            if (times > most) {
                most = times;
                place = i;
            }
        }
        lastMost = most;
        lastLength = n;
        singleFrom = most == 1 ? n : singleFrom;
        return most == 1 ? 0 : (double) most * (characters[place + n] - characters[place]) / characters[count];
    }

    /** Whether the most frequent n-gram can have more than a share, by what is known of a shorter length; saves the counting. */
    boolean mayExceed(int n, double share) {
        if (lastLength == 0 || n < lastLength) {
            return true;
        }
        int widest = 0;
        for (int i = 0; i + n <= count; i++) {
            widest = Math.max(widest, characters[i + n] - characters[i]);
        }
        return lastMost > 1 && (double) lastMost * widest > share * characters[count];
    }

    /** The share of the characters in n-grams that were seen before. */
    double repeated(int n) {
        if (n >= singleFrom) {
            return 0;
        }
        table.clear();
        long power = power(n);
        long again = 0;
        int i = 0;
        while (i + n <= count) {
            if (table.add(hash(i, power, n), 1) == 1) {
                i++;
            } else {
                again += characters[i + n] - characters[i];
                i += n;
            }
        }
        singleFrom = again == 0 ? n : singleFrom;
        return count == 0 ? 0 : (double) again / characters[count];
    }
}
