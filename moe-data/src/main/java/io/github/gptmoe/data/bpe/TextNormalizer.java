package io.github.gptmoe.data.bpe;

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
final class TextNormalizer {
    /** What a space is written as. */
    static final int SPACE = 0x2581;

    private final TextRules rules;
    private final @Nullable CharacterMap map;
    private int[] points = new int[1 << 10];
    private int length;

    /** {@code map} is null for {@link Normalization#IDENTITY}. */
    TextNormalizer(TextRules rules, @Nullable CharacterMap map) {
        this.rules = rules;
        this.map = map;
    }

    /** The code points of the last text, valid up to {@link #length()}. */
    int[] points() {
        return points;
    }

    int length() {
        return length;
    }

    /** Normalises valid UTF-8. */
    void normalize(byte[] text) {
        length = 0;
        int at = rules.removeExtraSpaces() ? leadingSpaces(text) : 0;
        if (at == text.length) {
            return;
        }
        if (rules.dummyPrefix()) {
            append(SPACE);
        }
        boolean afterSpace = rules.removeExtraSpaces();
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
                afterSpace = rules.removeExtraSpaces() && source[to - 1] == ' ';
            }
        }
        while (rules.removeExtraSpaces() && length > 0 && points[length - 1] == SPACE) {
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
