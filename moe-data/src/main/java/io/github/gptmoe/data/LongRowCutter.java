package io.github.gptmoe.data;

/**
 * Shortens a JSON row on its way: the string of the top-level field {@code text} is cut at a number of bytes, between two
 * characters, and closed; other strings keep their beginning; everything else passes. So a row of any length becomes one that
 * fits the memory and still parses. What it drops is followed only as far as finding the end of the string needs.
 */
final class LongRowCutter {
    private static final int OTHER_STRING_BYTES = 64;
    private static final byte[] TEXT = {'t', 'e', 'x', 't'};

    private final int maxTextBytes;

    private int depth;
    private boolean keyComes;
    private boolean keyIsText;
    private boolean cut;

    // Inside a string:
    private boolean inString;
    private boolean isKey;
    private boolean hasLetterEscape;
    private boolean startsAsText;
    private int allowedBytes;
    private int keptBytes;
    private boolean dropping;
    private boolean afterBackslash;
    private int hexDigitsLeft;
    private int hexValue;
    private boolean afterHighSurrogate;

    LongRowCutter(int maxTextBytes) {
        this.maxTextBytes = maxTextBytes;
    }

    /** To be called before the first bytes of every row. */
    void begin() {
        depth = 0;
        keyComes = false;
        keyIsText = false;
        cut = false;
        inString = false;
    }

    /** Whether the text of this row has lost its end. */
    boolean cut() {
        return cut;
    }

    /**
     * Passes the next bytes of the row on.
     *
     * @param in the bytes {@code from} to {@code from + count}; may be {@code out}, if {@code length} is not above {@code from}
     * @param out what the row becomes
     * @param length bytes there already
     * @return bytes there now; -1 if they do not fit
     */
    int pass(byte[] in, int from, int count, byte[] out, int length) {
        int at = length;
        for (int i = from; i < from + count; i++) {
            byte next = in[i];
            if (inString ? keepsInString(next) : keepsOutside(next)) {
                if (at == out.length) {
                    return -1;
                }
                out[at++] = next;
            }
        }
        return at;
    }

    private boolean keepsOutside(byte next) {
        switch (next) {
            case '"' -> beginString();
            case '{', '[' -> {
                depth++;
                keyComes = depth == 1;
            }
            case '}', ']' -> depth--;
            case ',' -> keyComes |= depth == 1;
            case ':' -> keyComes &= depth != 1;
            default -> {
                // Numbers, words and spaces say nothing about what follows.
            }
        }
        return true;
    }

    private void beginString() {
        inString = true;
        isKey = depth == 1 && keyComes;
        hasLetterEscape = false;
        startsAsText = true;
        allowedBytes = depth == 1 && !keyComes && keyIsText ? maxTextBytes : OTHER_STRING_BYTES;
        keptBytes = 0;
        dropping = false;
        afterBackslash = false;
        hexDigitsLeft = 0;
        afterHighSurrogate = false;
    }

    private boolean keepsInString(byte next) {
        if (hexDigitsLeft > 0) {
            hexValue = hexValue << 4 | Math.max(0, Character.digit(next, 16));
            hexDigitsLeft--;
            afterHighSurrogate = hexDigitsLeft == 0 && Character.isHighSurrogate((char) hexValue);
        } else if (afterBackslash) {
            afterBackslash = false;
            hexDigitsLeft = next == 'u' ? 4 : 0;
            hexValue = 0;
            hasLetterEscape |= next == 'u';
        } else if (next == '"') {
            endString();
            return true;
        } else if (next == '\\') {
            // The second half of a surrogate pair goes where the first one went.
            if (!afterHighSurrogate) {
                beginCharacter();
            }
            afterHighSurrogate = false;
            afterBackslash = true;
        } else if ((next & 0xC0) != 0x80) {
            afterHighSurrogate = false;
            beginCharacter();
        }
        if (dropping) {
            return false;
        }
        startsAsText &= keptBytes < TEXT.length && TEXT[keptBytes] == next;
        keptBytes++;
        return true;
    }

    private void beginCharacter() {
        if (!dropping && keptBytes >= allowedBytes) {
            dropping = true;
            cut |= !isKey && depth == 1 && keyIsText;
        }
    }

    private void endString() {
        inString = false;
        if (isKey) {
            // A key with such escapes may spell "text" too: better to keep too much than to lose text.
            keyIsText = hasLetterEscape || (startsAsText && keptBytes == TEXT.length);
        }
    }
}
