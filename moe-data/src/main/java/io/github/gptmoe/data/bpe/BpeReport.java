package io.github.gptmoe.data.bpe;

/**
 * What a training run saw and took.
 *
 * @param sentences sentences that were counted
 * @param longSentences sentences left out because of {@code maxSentenceBytes}
 * @param reservedSentences sentences left out because they hold U+2585, as SentencePiece leaves them out
 * @param badRows rows left out because they could not be used
 * @param characters characters of the normalised text
 * @param distinctWords different words, whole sentences where nothing splits them
 * @param alphabet single characters in the vocabulary
 * @param coverage the share of the characters of the text that they make up
 * @param mergedPieces pieces of more than one character
 * @param vocabulary ids in all
 * @param readSeconds time for reading, normalising and counting
 * @param trainSeconds time for everything after that
 */
public record BpeReport(
        long sentences,
        long longSentences,
        long reservedSentences,
        long badRows,
        long characters,
        int distinctWords,
        int alphabet,
        double coverage,
        int mergedPieces,
        int vocabulary,
        double readSeconds,
        double trainSeconds) {}
