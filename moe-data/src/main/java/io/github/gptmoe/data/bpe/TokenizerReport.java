package io.github.gptmoe.data.bpe;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a vocabulary is like and how it cuts a text.
 *
 * @param vocabulary ids in all
 * @param textPieces ids that stand for text of their own
 * @param bytePieces ids that stand for one byte
 * @param piecesByLength how many pieces have 1, 2, ... characters, a space before a word not counted
 * @param longest the longest pieces, the first ones by id of equal length
 * @param use how a text was cut; null without a text
 */
public record TokenizerReport(
        int vocabulary,
        int textPieces,
        int bytePieces,
        Map<Integer, Integer> piecesByLength,
        List<String> longest,
        @Nullable Use use) {

    /**
     * How a text was cut.
     *
     * @param sentences lines
     * @param characters characters as the tokens spell them: after normalisation, spaces included
     * @param tokens tokens
     * @param charactersPerToken characters for each token
     * @param fertility tokens for each token of a vocabulary of single characters, which has one for each character
     * @param coverage the share of the characters that are in pieces of the vocabulary, neither bytes nor unknown
     * @param unknownTokens tokens that stand for unknown text, which is lost
     * @param byKind the same by kind of character; a token counts for the kind of its first character that is no space
     * @param unusedPieces pieces of text that the text never uses, as many as there are
     * @param rarest pieces that it uses least, with how often
     * @param commonest pieces that it uses most, with how often
     * @param seconds time for encoding, all threads together
     */
    public record Use(
            long sentences,
            long characters,
            long tokens,
            double charactersPerToken,
            double fertility,
            double coverage,
            long unknownTokens,
            Map<TextKind, KindUse> byKind,
            int unusedPieces,
            List<CountedPiece> rarest,
            List<CountedPiece> commonest,
            double seconds) {}

    /**
     * How the text of one kind was cut.
     *
     * @param characters characters in tokens of the kind
     * @param tokens tokens
     * @param charactersPerToken characters for each token
     */
    public record KindUse(long characters, long tokens, double charactersPerToken) {}

    /**
     * A piece and how often a text uses it.
     *
     * @param piece the vocabulary entry
     * @param id its id
     * @param count how often
     */
    public record CountedPiece(String piece, int id, long count) {}
}
