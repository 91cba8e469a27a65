package io.github.gptmoe.eval.english;

import io.github.gptmoe.data.Tokenizer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How probable is a continuation after a context?
 *
 * @param context tokens before it, at least one
 * @param continuation its tokens, at least one
 * @param cutTokens how many were cut from the beginning of both together
 * @param continuationCut whether some of these are the continuation's
 */
@SuppressWarnings("ArrayRecordComponent") // Made once and read by the scorer, never compared.
public record LoglikelihoodRequest(int[] context, int[] continuation, int cutTokens, boolean continuationCut) {
    /**
     * Checks the lengths.
     *
     * @param context as above
     * @param continuation as above
     * @param cutTokens as above
     * @param continuationCut as above
     */
    public LoglikelihoodRequest {
        if (context.length == 0 || continuation.length == 0) {
            throw new IllegalArgumentException("a request needs tokens: " + context.length + " in the context, "
                    + continuation.length + " after it");
        }
    }

    /**
     * Encodes both texts apart from each other and keeps the last {@code sequenceLength + 1} tokens of the whole: the last one
     * is only predicted, so that many fit. Of a continuation of more than {@code sequenceLength} tokens the last so many are
     * scored, and the one before them is the context.
     *
     * @param tokenizer encodes them
     * @param context what stands before; an empty one is the end of a document
     * @param continuation what follows, with the space that separates it
     * @param sequenceLength positions of the model
     * @return the request
     * @throws IllegalArgumentException if the continuation has no tokens
     */
    public static LoglikelihoodRequest of(
            Tokenizer tokenizer, String context, String continuation, int sequenceLength) {
        int[] after = tokenizer.encodeContinuation(continuation);
        if (after.length == 0) {
            throw new IllegalArgumentException("the continuation '" + continuation + "' has no tokens");
        }
        int[] encoded = tokenizer.encode(context);
        int[] before = encoded.length == 0 ? new int[] {tokenizer.endOfDocument()} : encoded;
        int[] whole =
                IntStream.concat(Arrays.stream(before), Arrays.stream(after)).toArray();
        int cut = Math.max(0, whole.length - (sequenceLength + 1));
        int border = Math.max(before.length, cut + 1);
        return new LoglikelihoodRequest(
                Arrays.copyOfRange(whole, cut, border),
                Arrays.copyOfRange(whole, border, whole.length),
                cut,
                border > before.length);
    }
}
