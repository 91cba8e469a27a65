package io.github.gptmoe.eval;

import java.util.List;
import java.util.function.IntConsumer;

/** A way to choose tokens from the model's distributions. Implementations hold no state: equal calls give equal results. */
public interface Decoding {
    /**
     * Continues a text until its end, or until the limit.
     *
     * @param start the one text so far; still owned by the caller, and changed
     * @param limits where to stop
     * @param listener told each id as soon as it is certain
     * @return what was chosen
     */
    Continued continueText(TextBatch start, Limits limits, IntConsumer listener);

    /**
     * Where a continuation stops.
     *
     * @param tokens most tokens to choose
     * @param endOfDocument the id that ends the text; it is not part of the result
     */
    record Limits(int tokens, int endOfDocument) {}

    /**
     * What was chosen.
     *
     * @param ids the new tokens
     * @param ended whether the document ended, rather than the limit was reached
     */
    record Continued(List<Integer> ids, boolean ended) {
        /**
         * Copies the list.
         *
         * @param ids the new tokens
         * @param ended whether the document ended
         */
        public Continued {
            ids = List.copyOf(ids);
        }
    }
}
