/**
 * Trains vocabularies of pieces from text by byte-pair encoding, in the format and with the results of SentencePiece.
 *
 * <p><b>The way of a sentence.</b> {@link io.github.gptmoe.data.bpe.BpeTrainer} is the entry point.
 * {@code SentenceReader} streams lines, {@code SentenceCounter} normalises them (package
 * {@code text}) and counts distinct words in {@code WordCounts}; {@code CountsFile} keeps these on disk if asked to.
 * {@code CharacterSet} chooses the alphabet. {@code SymbolText} lays the words out as one row of symbols,
 * {@code InitialPairs} finds all neighbours in it, and {@code PairMerger} merges the first pair of the {@code PairQueue} until
 * there are enough pieces, asking {@code PieceCheck} what may be one. {@code ModelFile} writes the result.
 *
 * <p><b>Guarantees.</b>
 *
 * <ul>
 *   <li>The same text and options give the same bytes, whatever the number of threads.
 *   <li>The order of merges is exact, not that of an active subset of pairs.
 *   <li>No output file is ever seen half-written.
 *   <li>What a user must repair is an {@link io.github.gptmoe.data.InputException}.
 * </ul>
 */
@NullMarked
package io.github.gptmoe.data.bpe;

import org.jspecify.annotations.NullMarked;
