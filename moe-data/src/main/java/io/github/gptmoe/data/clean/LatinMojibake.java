package io.github.gptmoe.data.clean;

import java.util.Map;

/**
 * UTF-8 read as Latin-1 or Windows-1252. Whoever reads so gives every byte a character, so the bytes can be had back one by one.
 *
 * <p>Curly quotes and dashes are such characters too, so a sequence of them that happens to be UTF-8 is not proof. Proof is two
 * sequences in a row that give expected characters, one of them of three bytes; a text that has proof somewhere is repaired wherever
 * it can be. Without proof only characters of Latin-1 are repaired, which are read in two (Ã© for é).
 */
final class LatinMojibake {
    private static final char LOST = '\uFFFD';
    private static final int UNKNOWN = -1;
    private static final int NO_BYTE = -2;

    /** Windows-1252 from 0x80 to 0x9F. Latin-1 has controls there, as browsers have in the five gaps. */
    private static final Map<Character, Integer> WINDOWS = Map.ofEntries(
            Map.entry('€', 0x80),
            Map.entry('‚', 0x82),
            Map.entry('ƒ', 0x83),
            Map.entry('„', 0x84),
            Map.entry('…', 0x85),
            Map.entry('†', 0x86),
            Map.entry('‡', 0x87),
            Map.entry('ˆ', 0x88),
            Map.entry('‰', 0x89),
            Map.entry('Š', 0x8A),
            Map.entry('‹', 0x8B),
            Map.entry('Œ', 0x8C),
            Map.entry('Ž', 0x8E),
            Map.entry('‘', 0x91),
            Map.entry('’', 0x92),
            Map.entry('“', 0x93),
            Map.entry('”', 0x94),
            Map.entry('•', 0x95),
            Map.entry('–', 0x96),
            Map.entry('—', 0x97),
            Map.entry('˜', 0x98),
            Map.entry('™', 0x99),
            Map.entry('š', 0x9A),
            Map.entry('›', 0x9B),
            Map.entry('œ', 0x9C),
            Map.entry('ž', 0x9E),
            Map.entry('Ÿ', 0x9F));

    private final String text;
    private int end;

    private LatinMojibake(String text) {
        this.text = text;
    }

    static String repair(String text) {
        return mayHaveAny(text) ? new LatinMojibake(text).repaired() : text;
    }

    /** First bytes of UTF-8 are the letters from Â to ô, whichever of the two encodings it was. */
    private static boolean mayHaveAny(String text) {
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit >= 'Â' && unit <= 'ô') {
                return true;
            }
        }
        return false;
    }

    private String repaired() {
        boolean proven = hasProof();
        StringBuilder out = new StringBuilder(text.length());
        int repairedTo = -1;
        int i = 0;
        while (i < text.length()) {
            int point = sequence(i, proven);
            if (point >= 0 && ((proven && Mojibake.isExpected(point)) || isLatin(point, i, repairedTo == i))) {
                out.appendCodePoint(point);
                i = end;
                repairedTo = i;
            } else {
                out.append(text.charAt(i));
                i++;
            }
        }
        return out.toString();
    }

    /** Characters of Latin-1 in two, the first of them Ã or Â: nobody writes these before another sign of Latin-1. */
    private boolean isLatin(int point, int from, boolean follows) {
        // A sign of Windows-1252 in the second place may be a quote or dash that really follows the letter.
        return point <= 0xFF && (follows || text.charAt(from + 1) <= 0xFF);
    }

    private boolean hasProof() {
        int i = 0;
        int inRow = 0;
        boolean three = false;
        while (i < text.length()) {
            int point = sequence(i, false);
            if (point < 0 || !Mojibake.isExpected(point)) {
                inRow = 0;
                three = false;
                i++;
                continue;
            }
            inRow++;
            three |= end - i >= 3;
            if (inRow >= 2 && three) {
                return true;
            }
            i = end;
        }
        return false;
    }

    /**
     * The code point whose UTF-8 stands at a place, or -1; sets {@code end} behind it. Where damage is allowed, a space stands
     * for the byte of a no-break space, and U+FFFD for any following byte.
     */
    private int sequence(int from, boolean damaged) {
        int first = byteOf(text.charAt(from));
        int following = first < 0x80 ? -1 : Mojibake.following(first);
        if (following < 1 || from + following >= text.length()) {
            return -1;
        }
        int point = Mojibake.bits(first, following);
        boolean lost = false;
        for (int i = from + 1; i <= from + following; i++) {
            int next = byteOf(text.charAt(i));
            if (damaged && next == UNKNOWN) {
                lost = true;
                next = 0x80;
            } else if (damaged && text.charAt(i) == ' ') {
                next = 0xA0;
            }
            if (next < 0x80 || next > 0xBF) {
                return -1;
            }
            point = (point << 6) | (next & 0x3F);
        }
        end = from + following + 1;
        if (lost) {
            return LOST;
        }
        return Mojibake.isValid(point, following) ? point : -1;
    }

    private static int byteOf(char unit) {
        if (unit <= 0xFF) {
            return unit;
        }
        return unit == LOST ? UNKNOWN : WINDOWS.getOrDefault(unit, NO_BYTE);
    }
}
