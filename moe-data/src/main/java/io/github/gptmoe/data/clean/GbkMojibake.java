package io.github.gptmoe.data.clean;

import java.nio.charset.Charset;
import java.util.Arrays;

/**
 * UTF-8 read as GBK. GBK takes two bytes a character, UTF-8 three for a Chinese one, so of an odd number of bytes the last is lost,
 * and often a question mark or U+FFFD stands for it.
 *
 * <p>A run of characters beyond ASCII is repaired if its bytes in GBK are UTF-8 from end to end, all characters of which are
 * expected ones, and at least two of them whole. Real Chinese does not look so: a three-byte sequence of UTF-8 needs a byte from 0x80
 * to 0xBF where the second character of GBK begins, and characters in use begin at 0xB0, with a second byte that would have to fit too.
 */
final class GbkMojibake {
    private static final char LOST = '\uFFFD';

    /** Two bytes for each UTF-16 unit, 0 where GBK has none. Constant. */
    private static final char[] BYTES = bytes();

    private final String text;
    private final StringBuilder out = new StringBuilder();

    /** Bytes of the run, -1 where one is unknown. */
    private int[] run = new int[64];

    private int length;
    private int at;
    private boolean endsInside;

    private GbkMojibake(String text) {
        this.text = text;
    }

    private static char[] bytes() {
        char[] bytes = new char[1 << 16];
        // GB18030 gives pairs that GBK leaves open places in the private area; browsers and editors read so.
        for (String name : new String[] {"GBK", "GB18030"}) {
            Charset charset = Charset.forName(name);
            for (int first = 0x81; first <= 0xFE; first++) {
                for (int second = 0x40; second <= 0xFE; second++) {
                    String decoded = new String(new byte[] {(byte) first, (byte) second}, charset);
                    if (decoded.length() == 1 && decoded.charAt(0) > 0x7F && bytes[decoded.charAt(0)] == 0) {
                        bytes[decoded.charAt(0)] = (char) ((first << 8) | second);
                    }
                }
            }
        }
        bytes[LOST] = 0;
        return bytes;
    }

    static String repair(String text) {
        return mayHaveAny(text) ? new GbkMojibake(text).repaired() : text;
    }

    /** A run that decodes has a first byte of three, E0 to EF, and after it one from 80 to BF: its first or a later character. */
    private static boolean mayHaveAny(String text) {
        for (int i = 0; i < text.length(); i++) {
            int pair = BYTES[text.charAt(i)];
            if (pair >= 0xE080 && pair <= 0xEFBF && (pair & 0xFF) >= 0x80 && (pair & 0xFF) <= 0xBF) {
                return true;
            }
        }
        return false;
    }

    private String repaired() {
        int i = 0;
        while (i < text.length()) {
            int end = collect(i);
            if (end == i) {
                out.append(text.charAt(i));
                i++;
            } else {
                i = decode(i, end);
            }
        }
        return out.toString();
    }

    /** Collects the bytes of the run that begins at a place; returns where it ends. */
    private int collect(int from) {
        length = 0;
        int i = from;
        while (i < text.length()) {
            char unit = text.charAt(i);
            if (unit == LOST && i > from) {
                add(-1);
            } else if (unit == 0x80 && i > from) {
                add(0x80); // Java's GB18030 keeps the one byte that begins no pair.
            } else if (unit >= 0x80 && BYTES[unit] != 0) {
                add(BYTES[unit] >> 8);
                add(BYTES[unit] & 0xFF);
            } else {
                break;
            }
            i++;
        }
        return i;
    }

    private void add(int value) {
        if (length == run.length) {
            run = Arrays.copyOf(run, 2 * length);
        }
        run[length++] = value;
    }

    /** Appends the run decoded, or as it is; returns where to go on. */
    private int decode(int from, int end) {
        int kept = out.length();
        int whole = 0;
        int damaged = 0;
        at = 0;
        while (at < length) {
            int following = run[at] < 0 ? 0 : Mojibake.following(run[at]);
            if (following < 0) {
                return asItIs(kept, from, end);
            }
            int point = run[at] < 0 ? LOST : character(following, end);
            if (point == LOST) {
                damaged++;
                skipRest();
            } else if (point < 0 || (point >= 0x80 && !Mojibake.isExpected(point))) {
                return asItIs(kept, from, end);
            } else {
                whole += following >= 2 ? 1 : 0;
            }
            out.appendCodePoint(point);
        }
        if (whole < 2 || 2 * damaged > whole + 1) {
            return asItIs(kept, from, end);
        }
        // A reader of GBK often leaves a question mark for the byte that it could not pair.
        return endsInside && isMark(end) ? end + 1 : end;
    }

    /** Decodes the character that begins at {@code at}: a code point, U+FFFD if bytes are unknown, or -1 if it is no UTF-8. */
    private int character(int following, int end) {
        int point = Mojibake.bits(run[at], following);
        int last = at + following;
        endsInside = false;
        for (at++; at <= last; at++) {
            int next;
            if (at < length) {
                next = run[at] >= 0 ? run[at] : lone(last);
            } else {
                endsInside = true;
                next = at == last && isMark(end) && isBeyondAscii(end + 1) ? 0x80 : -1;
            }
            if (next < 0) {
                return LOST;
            }
            if (next < 0x80 || next > 0xBF) {
                return -1;
            }
            point = (point << 6) | (next & 0x3F);
        }
        return Mojibake.isValid(point, following) ? point : -1;
    }

    /**
     * 0x80 is the one byte of UTF-8 that can begin no pair: where a character is whole with one byte for an unknown place, it is that.
     * A pair that the reader did not know would have taken the byte behind it along.
     */
    private int lone(int last) {
        for (int i = at + 1; i <= last; i++) {
            if (i >= length || run[i] < 0x80 || run[i] > 0xBF) {
                return -1;
            }
        }
        boolean ends = last + 1 == length ? at < last : run[last + 1] >= 0xC2;
        return ends ? 0x80 : -1;
    }

    private boolean isBeyondAscii(int place) {
        return place < text.length() && text.charAt(place) >= 0x80;
    }

    private boolean isMark(int end) {
        return end < text.length() && text.charAt(end) == '?';
    }

    /** An unknown place may stand for the end of a character and the beginning of the next: what is left of them goes too. */
    private void skipRest() {
        while (at < length && (run[at] < 0 || (run[at] >= 0x80 && run[at] < 0xC0))) {
            at++;
        }
    }

    private int asItIs(int kept, int from, int end) {
        out.setLength(kept);
        out.append(text, from, end);
        return end;
    }
}
