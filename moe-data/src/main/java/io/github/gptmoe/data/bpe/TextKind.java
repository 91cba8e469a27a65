package io.github.gptmoe.data.bpe;

import io.github.gptmoe.data.text.TextNormalizer;
import java.lang.Character.UnicodeScript;

/** Kinds of characters that a report on a tokenizer tells apart. */
public enum TextKind {
    /** Chinese characters. */
    HAN,
    /** Hiragana, Katakana and Hangul. */
    KANA_HANGUL,
    /** Latin letters. */
    LATIN,
    /** Letters of other scripts. */
    OTHER_LETTERS,
    /** Digits of every script. */
    DIGITS,
    /** Spaces, U+2581 included. */
    SPACES,
    /** Everything else: punctuation, symbols, control characters, emoji. */
    PUNCTUATION;

    /**
     * Tells the kind of a character.
     *
     * @param point a code point
     * @return its kind
     */
    public static TextKind of(int point) {
        if (Character.isWhitespace(point) || Character.isSpaceChar(point) || point == TextNormalizer.SPACE) {
            return SPACES;
        }
        if (Character.isDigit(point)) {
            return DIGITS;
        }
        UnicodeScript script = UnicodeScript.of(point);
        return switch (script) {
            case HAN -> HAN;
            case HIRAGANA, KATAKANA, HANGUL -> KANA_HANGUL;
            case LATIN -> LATIN;
            default -> Character.isLetter(point) ? OTHER_LETTERS : PUNCTUATION;
        };
    }
}
