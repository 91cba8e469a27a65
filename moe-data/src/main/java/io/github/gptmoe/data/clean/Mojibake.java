package io.github.gptmoe.data.clean;

/** UTF-8 that was decoded by another encoding, decoded again. What was lost on the way becomes U+FFFD. */
final class Mojibake {
    private static final char LOST = '\uFFFD';

    private Mojibake() {}

    /** Repeats both repairs until nothing changes: each makes a text shorter, so that ends. */
    static String repair(String text) {
        String current = text;
        while (true) {
            String next = current.indexOf('锟') < 0 ? current : current.replace("锟斤拷", "\uFFFD\uFFFD");
            next = next.indexOf('¿') < 0 ? next : next.replace("ï¿½", "\uFFFD");
            next = GbkMojibake.repair(LatinMojibake.repair(next));
            if (next.length() >= current.length()) {
                return current;
            }
            current = next;
        }
    }

    /** Whether a character may come out of a repair: what Chinese text is made of. */
    static boolean isExpected(int codePoint) {
        return Characters.isHan(codePoint)
                || (codePoint >= 0x3000 && codePoint <= 0x30FF)
                || (codePoint >= 0xFF01 && codePoint <= 0xFFEE)
                || (codePoint >= 0x2010 && codePoint <= 0x2027)
                || (codePoint >= 0x2030 && codePoint <= 0x205E)
                || (codePoint >= 0x2100 && codePoint <= 0x27BF)
                || (codePoint >= 0x1F300 && codePoint <= 0x1FAFF)
                || codePoint == 0xB7
                || codePoint == 0xD7
                || codePoint == LOST;
    }

    /** Bytes that follow a first byte of UTF-8; -1 for a byte that begins nothing. */
    static int following(int first) {
        if (first < 0x80) {
            return 0;
        }
        if (first >= 0xC2 && first <= 0xDF) {
            return 1;
        }
        if (first >= 0xE0 && first <= 0xEF) {
            return 2;
        }
        return first >= 0xF0 && first <= 0xF4 ? 3 : -1;
    }

    /** The bits that a first byte brings. */
    static int bits(int first, int following) {
        return following == 0 ? first : first & (0x3F >> following);
    }

    /** Whether a code point is in its shortest form, no surrogate, and exists. */
    static boolean isValid(int codePoint, int following) {
        int least = new int[] {0, 0x80, 0x800, 0x10000}[following];
        return codePoint >= least
                && codePoint <= Character.MAX_CODE_POINT
                && !(codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
    }
}
