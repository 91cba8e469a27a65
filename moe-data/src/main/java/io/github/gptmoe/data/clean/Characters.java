package io.github.gptmoe.data.clean;

/** Kinds of characters. */
final class Characters {
    private Characters() {}

    /** Chinese characters, extensions and compatibility ideographs included; not the marks of the Han script. */
    static boolean isHan(int codePoint) {
        return (codePoint >= 0x4E00 && codePoint <= 0x9FFF)
                || (codePoint >= 0x3400 && codePoint <= 0x4DBF)
                || (codePoint >= 0xF900 && codePoint <= 0xFAFF)
                || (codePoint >= 0x20000 && codePoint <= 0x323AF)
                || codePoint == 0x3007;
    }

    static boolean isLatinLetter(int codePoint) {
        return Character.isLetter(codePoint)
                && (codePoint < 0x80 || Character.UnicodeScript.of(codePoint) == Character.UnicodeScript.LATIN);
    }

    static boolean isSpace(int codePoint) {
        // Nearly all text is in these ranges, in which there is no space, so that no table is asked.
        if (codePoint > 0x3000
                || (codePoint > 0x20 && codePoint < 0xA0)
                || (codePoint > 0x200A && codePoint < 0x2028)) {
            return false;
        }
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
    }

    static boolean isPunctuation(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }

    /** The number of code points that are no white space. */
    static int visible(String text) {
        int visible = 0;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            visible += isSpace(point) ? 0 : 1;
        }
        return visible;
    }
}
