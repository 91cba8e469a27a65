package io.github.gptmoe.data.bpe;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The text in the middle of training: all words one after the other with a border between them, each a row of symbols. A
 * symbol takes as many places as it has characters; both its first and its last place hold its length, so that both
 * neighbours are found in one step. Merging writes to the two ends of the new symbol and moves nothing.
 */
final class SymbolText {
    /** Between words, and where a character that is no piece stands: nothing is merged with it. Its length is 1. */
    static final int BORDER = 0;

    private static final int INNER = -1;

    private final int[] symbols;
    private final short[] lengths;
    /** The word of each place up to the last word that occurs more than once; behind it every word counts one. */
    private final int[] repeatedWords;

    private final long[] repeatedCounts;

    private SymbolText(int[] symbols, int[] repeatedWords, long[] repeatedCounts) {
        this.symbols = symbols;
        this.lengths = new short[symbols.length];
        this.repeatedWords = repeatedWords;
        this.repeatedCounts = repeatedCounts;
        Arrays.fill(lengths, (short) 1);
    }

    /** Lays the words out, the frequent ones first; {@code symbolOf} gives the symbol of a code point, or {@link #BORDER}. */
    static SymbolText of(WordCounts words, int[] symbolOf) {
        int[] repeated = repeated(words);
        int places = words.start(words.words()) + words.words() + 1;
        int[] symbols = new int[places];
        long[] counts = new long[repeated.length];
        int at = 1;
        for (int i = 0; i < repeated.length; i++) {
            counts[i] = words.count(repeated[i]);
            at += words.start(repeated[i] + 1) - words.start(repeated[i]) + 1;
        }
        int[] repeatedWords = new int[at];
        at = 1;
        for (int i = 0; i < repeated.length; i++) {
            int next = copy(words, repeated[i], symbolOf, symbols, at);
            Arrays.fill(repeatedWords, at, next, i);
            at = next;
        }
        for (int word = 0; word < words.words(); word++) {
            if (words.count(word) == 1) {
                at = copy(words, word, symbolOf, symbols, at);
            }
        }
        return new SymbolText(symbols, repeatedWords, counts);
    }

    /** In falling order of their counts, equal ones in the order of the text. */
    private static int[] repeated(WordCounts words) {
        Integer[] repeated = IntStream.range(0, words.words())
                .filter(word -> words.count(word) > 1)
                .boxed()
                .toArray(Integer[]::new);
        Arrays.sort(repeated, Comparator.comparing((Integer word) -> -words.count(word)));
        return Arrays.stream(repeated).mapToInt(word -> word).toArray();
    }

    /** Returns the place behind the word and its border. */
    private static int copy(WordCounts words, int word, int[] symbolOf, int[] symbols, int to) {
        int[] points = words.points();
        int at = to;
        for (int i = words.start(word); i < words.start(word + 1); i++) {
            symbols[at++] = symbolOf[points[i]];
        }
        return at + 1;
    }

    int places() {
        return symbols.length;
    }

    /** The symbol that begins at a place. */
    int symbol(int place) {
        return symbols[place];
    }

    /** The place behind the symbol that begins at {@code place}. */
    int next(int place) {
        return place + lengths[place];
    }

    /** The place where the symbol begins that ends before {@code place}. */
    int previous(int place) {
        return place - lengths[place - 1];
    }

    /** How often the word occurs that the place lies in. */
    long count(int place) {
        return place < repeatedWords.length ? repeatedCounts[repeatedWords[place]] : 1;
    }

    /** Whether {@code left} begins at a place and {@code right} follows it. */
    boolean holds(int place, int left, int right) {
        return symbols[place] == left && symbols[place + lengths[place]] == right;
    }

    /** Makes one symbol of the one at {@code place} and the one behind it. */
    void merge(int place, int merged) {
        int second = place + lengths[place];
        int end = second + lengths[second];
        symbols[second] = INNER;
        symbols[place] = merged;
        short length = (short) (end - place);
        lengths[place] = length;
        lengths[end - 1] = length;
    }
}
