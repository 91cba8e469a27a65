package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.text.TextNormalizer;
import java.lang.Character.UnicodeScript;

/**
 * Whether characters together may be a piece, by {@link PieceRules}: the conditions of SentencePiece's trainer.
 *
 * <p>SentencePiece carries a table of scripts from an early Unicode version in which later characters have no script of
 * their own; here the scripts are Java's. That touches rare characters only.
 *
 * @see <a href="https://github.com/google/sentencepiece/blob/master/src/trainer_interface.cc">trainer_interface.cc</a>
 */
final class PieceCheck {
    private static final int LONG_VOWEL_MARK = 0x30FC;

    private final PieceRules rules;
    private final PieceTable pieces;
    private final boolean[] isSpace;
    private final boolean[] isDigit;
    private final UnicodeScript[] script;
    private final int[] buffer;

    /** {@code points} are the code points of the alphabet, by symbol less one. */
    PieceCheck(PieceRules rules, int[] points, PieceTable pieces) {
        this.rules = rules;
        this.pieces = pieces;
        this.isSpace = new boolean[points.length + 1];
        this.isDigit = new boolean[points.length + 1];
        this.script = new UnicodeScript[points.length + 1];
        this.buffer = new int[2 * PieceRules.LARGEST_MAX_LENGTH];
        for (int i = 0; i < points.length; i++) {
            isSpace[i + 1] = points[i] == TextNormalizer.SPACE;
            isDigit[i + 1] = isDigit(points[i]);
            script[i + 1] = script(points[i]);
        }
    }

    private static boolean isDigit(int point) {
        return (point >= '0' && point <= '9') || (point >= 0xFF10 && point <= 0xFF19);
    }

    private static UnicodeScript script(int point) {
        UnicodeScript script = UnicodeScript.of(point);
        if (script == UnicodeScript.HIRAGANA || script == UnicodeScript.KATAKANA || point == LONG_VOWEL_MARK) {
            script = UnicodeScript.HAN;
        }
        return script == UnicodeScript.UNKNOWN ? UnicodeScript.COMMON : script;
    }

    /** Whether two symbols together may be a piece. One thread at a time. */
    boolean allows(int left, int right) {
        int length = pieces.length(left) + pieces.length(right);
        return length <= rules.maxLength() && allows(buffer, pieces.write(left, right, buffer));
    }

    private boolean allows(int[] characters, int length) {
        boolean allSpaces = true;
        for (int i = 0; i < length; i++) {
            allSpaces &= isSpace[characters[i]];
        }
        UnicodeScript previous = null; // Of any script.
        for (int i = 0; i < length; i++) {
            int character = characters[i];
            if (isSpace[character]) {
                if (!(rules.spaceOnlyPieces() && allSpaces) && !allowsSpace(i, length)) {
                    return false;
                }
                continue;
            }
            boolean digit = isDigit[character];
            if (digit && rules.splitDigits() && length > 1) {
                return false;
            }
            UnicodeScript own = script[character] == UnicodeScript.INHERITED ? previous : script[character];
            if (digit && !rules.splitNumbers()) {
                own = null;
            }
            if (rules.splitScripts() && own != null && previous != null && own != previous) {
                return false;
            }
            previous = own;
        }
        return true;
    }

    private boolean allowsSpace(int at, int length) {
        return at == 0 || (!rules.splitSpaces() && at < length - 1);
    }
}
