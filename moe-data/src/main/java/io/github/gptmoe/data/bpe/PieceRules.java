package io.github.gptmoe.data.bpe;

/**
 * What a piece may look like.
 *
 * @param maxLength most characters of a piece, from 1 to 512
 * @param splitSpaces whether a space (U+2581) may only begin a piece; otherwise it may also stand inside
 * @param splitScripts whether all characters of a piece must be of one script; Han, Hiragana and Katakana count as one
 * @param splitNumbers whether digits count as a script of their own kind, so that "F1" is no piece; matters only with
 *     {@code splitScripts}
 * @param splitDigits whether every digit is a piece of its own
 * @param spaceOnlyPieces whether several spaces in a row may be a piece
 * @param countOverlaps whether "aaa" has the pair "aa" twice, as for SentencePiece from 0.1.99 on, or once, as before
 */
public record PieceRules(
        int maxLength,
        boolean splitSpaces,
        boolean splitScripts,
        boolean splitNumbers,
        boolean splitDigits,
        boolean spaceOnlyPieces,
        boolean countOverlaps) {
    /** The defaults of {@code spm_train} up to 0.1.98. */
    public static final PieceRules STANDARD = new PieceRules(16, true, true, true, false, false, false);

    static final int LARGEST_MAX_LENGTH = 512;
}
