package io.github.gptmoe.data.text;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns a sentence into what pieces are made of, as SentencePiece does before training and before encoding: characters
 * replaced by rule, extra spaces removed, a space put before, all spaces written as U+2581.
 *
 * <p>The result stays in a buffer that the next call overwrites: one thread at a time.
 *
 * @see <a href="https://github.com/google/sentencepiece/blob/master/src/normalizer.cc">SentencePiece's normalizer.cc</a>
 */
public final class TextNormalizer {
    /** What a space is written as. */
    public static final int SPACE = 0x2581;

    private final boolean dummyPrefix;
    private final boolean removeExtraSpaces;
    private final @Nullable CharacterMap map;
    private int[] points = new int[1 << 10];
    private int length;

    /**
     * Makes a normaliser.
     *
     * @param dummyPrefix whether a space is put before every text
     * @param removeExtraSpaces whether spaces at both ends vanish and several in a row become one
     * @param map which characters become others; null for {@link Normalization#IDENTITY}
     */
    public TextNormalizer(boolean dummyPrefix, boolean removeExtraSpaces, @Nullable CharacterMap map) {
        this.dummyPrefix = dummyPrefix;
        this.removeExtraSpaces = removeExtraSpaces;
        this.map = map;
    }

    /**
     * Returns the code points of the last text.
     *
     * @return an array of this object, valid up to {@link #length()} and until the next call
     */
    public int[] points() {
        return points;
    }

    /**
     * Returns the number of code points of the last text.
     *
     * @return a count
     */
    public int length() {
        return length;
    }

    /**
     * Normalises a text.
     *
     * @param text valid UTF-8
     */
    public void normalize(byte[] text) {
        length = 0;
        int at = removeExtraSpaces ? leadingSpaces(text) : 0;
        if (at == text.length) {
            return;
        }
        if (dummyPrefix) {
            append(SPACE);
        }
        boolean afterSpace = removeExtraSpaces;
        while (at < text.length) {
            long rule = map == null ? 0 : map.longest(text, at, text.length);
            byte[] source = text;
            int from = at;
            int to;
            if (rule == 0 || map == null) {
                to = at + utf8Length(text[at]);
                at = to;
            } else {
                at += (int) rule;
                source = map.replacements();
                from = (int) (rule >>> Integer.SIZE);
                to = from;
                while (source[to] != 0) {
                    to++;
                }
            }
            while (afterSpace && from < to && source[from] == ' ') {
                from++;
            }
            if (from < to) {
                appendAll(source, from, to);
                afterSpace = removeExtraSpaces && source[to - 1] == ' ';
            }
        }
        while (removeExtraSpaces && length > 0 && points[length - 1] == SPACE) {
            length--;
        }
    }

    private int leadingSpaces(byte[] text) {
        int at = 0;
        while (at < text.length) {
            long rule = map == null ? 0 : map.longest(text, at, text.length);
            if (rule == 0 || map == null) {
                if (text[at] != ' ') {
                    return at;
                }
                at++;
            } else {
                int place = (int) (rule >>> Integer.SIZE);
                byte[] replacements = map.replacements();
                if (replacements[place] != ' ' || replacements[place + 1] != 0) {
                    return at;
                }
                at += (int) rule;
            }
        }
        return at;
    }

    private void appendAll(byte[] utf8, int start, int end) {
        int at = start;
        while (at < end) {
            int lead = utf8[at];
            int bytes = utf8Length(utf8[at]);
            int point = bytes == 1 ? lead : lead & ((1 << (7 - bytes)) - 1);
            for (int i = 1; i < bytes; i++) {
                point = (point << 6) | (utf8[at + i] & 0x3F);
            }
            append(point == ' ' ? SPACE : point);
            at += bytes;
        }
    }

    private void append(int point) {
        if (length == points.length) {
            points = Arrays.copyOf(points, 2 * length);
        }
        points[length++] = point;
    }

    private static int utf8Length(byte lead) {
        if (lead >= 0) {
            return 1;
        }
        return Integer.numberOfLeadingZeros(~(lead << 24));
    }
}
