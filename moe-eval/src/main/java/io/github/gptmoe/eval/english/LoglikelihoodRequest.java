package io.github.gptmoe.eval.english;

import io.github.gptmoe.data.Tokenizer;
import java.util.Arrays;

/**
 * How probable is a continuation after a context?
 *
 * @param context tokens before it, at least one
 * @param continuation its tokens, at least one
 * @param cutTokens how many were cut from the beginning of the context
 */
@SuppressWarnings("ArrayRecordComponent") // Made once and read by the scorer, never compared.
public record LoglikelihoodRequest(int[] context, int[] continuation, int cutTokens) {
    /**
     * Checks the lengths.
     *
     * @param context as above
     * @param continuation as above
     * @param cutTokens as above
     */
    public LoglikelihoodRequest {
        if (context.length == 0 || continuation.length == 0) {
            throw new IllegalArgumentException("a request needs tokens: " + context.length + " in the context, "
                    + continuation.length + " after it");
        }
    }

    /**
     * Encodes both texts apart from each other and keeps the last {@code sequenceLength + 1} tokens of the whole: the last one
     * is only predicted, so that many fit.
     *
     * @param tokenizer encodes them
     * @param context what stands before; an empty one is the end of a document
     * @param continuation what follows, with the space that separates it
     * @param sequenceLength positions of the model
     * @return the request
     * @throws IllegalArgumentException if the continuation has no tokens, or leaves no room for one token before it; the
     *     message completes "the continuation "
     */
    public static LoglikelihoodRequest of(
            Tokenizer tokenizer, String context, String continuation, int sequenceLength) {
        int[] after = tokenizer.encodeContinuation(continuation);
        if (after.length == 0) {
            throw new IllegalArgumentException("'" + continuation + "' has no tokens");
        }
        if (after.length > sequenceLength) {
            throw new IllegalArgumentException("has " + after.length + " tokens; the model has " + sequenceLength
                    + " positions, so at most as many can be scored");
        }
        int[] encoded = tokenizer.encode(context);
        int[] before = encoded.length == 0 ? new int[] {tokenizer.endOfDocument()} : encoded;
        int cut = Math.max(0, before.length + after.length - (sequenceLength + 1));
        return new LoglikelihoodRequest(Arrays.copyOfRange(before, cut, before.length), after, cut);
    }
}
