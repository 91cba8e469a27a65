package io.github.gptmoe.data.clean;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How a set of texts looks.
 *
 * @param texts their number
 * @param characters their code points
 * @param bytes their bytes in UTF-8
 * @param lengths texts by length: entry i counts those of 2^i to 2^(i+1) - 1 code points
 * @param han texts by share of Chinese characters among those that are no white space: entry i counts shares from i/20; 1 is in the last
 */
public record TextProfile(long texts, long characters, long bytes, List<Long> lengths, List<Long> han)
        implements Serializable {
    /** Entries of {@code lengths}. */
    public static final int LENGTHS = 27;

    /** Entries of {@code han}. */
    public static final int SHARES = 20;

    /** No texts. */
    static final TextProfile NONE = new TextProfile(0, 0, 0, zeros(LENGTHS), zeros(SHARES));

    private static List<Long> zeros(int count) {
        return List.copyOf(Collections.nCopies(count, 0L));
    }

    TextProfile plus(TextProfile other) {
        return new TextProfile(
                texts + other.texts,
                characters + other.characters,
                bytes + other.bytes,
                sum(lengths, other.lengths),
                sum(han, other.han));
    }

    private static List<Long> sum(List<Long> one, List<Long> other) {
        List<Long> sums = new ArrayList<>();
        for (int i = 0; i < one.size(); i++) {
            sums.add(one.get(i) + other.get(i));
        }
        return List.copyOf(sums);
    }

    /** Looks at texts one after the other. */
    static final class Builder {
        private long texts;
        private long characters;
        private long bytes;
        private final long[] lengths = new long[LENGTHS];
        private final long[] han = new long[SHARES];

        void add(String text) {
            int points = 0;
            int visible = 0;
            int chinese = 0;
            long utf8 = 0;
            for (int i = 0; i < text.length(); ) {
                int point = text.codePointAt(i);
                i += Character.charCount(point);
                points++;
                utf8 += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
                if (Characters.isHan(point)) {
                    chinese++;
                    visible++;
                } else if (!Characters.isSpace(point)) {
                    visible++;
                }
            }
            texts++;
            characters += points;
            bytes += utf8;
            lengths[Math.min(LENGTHS - 1, 31 - Integer.numberOfLeadingZeros(Math.max(1, points)))]++;
            han[Math.min(SHARES - 1, (int) ((long) chinese * SHARES / Math.max(1, visible)))]++;
        }

        TextProfile build() {
            return new TextProfile(texts, characters, bytes, list(lengths), list(han));
        }

        private static List<Long> list(long[] counts) {
            List<Long> list = new ArrayList<>();
            for (long count : counts) {
                list.add(count);
            }
            return List.copyOf(list);
        }
    }
}
