package io.github.gptmoe.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** A decoding that never takes a token back, so that any number of texts can be continued side by side. */
@FunctionalInterface
public interface TokenChoice extends Decoding {
    /**
     * Chooses one token.
     *
     * @param logits one for each id
     * @param index tokens chosen for this text before
     * @return an id
     */
    int choose(float[] logits, int index);

    /**
     * The choice for one of several prompts.
     *
     * @param prompt number of the prompt, from 0
     * @return a choice that depends on nothing but this one and the number
     */
    default TokenChoice ofPrompt(int prompt) {
        return this;
    }

    @Override
    default Continued continueText(TextBatch start, Limits limits, IntConsumer listener) {
        List<Integer> ids = new ArrayList<>();
        while (ids.size() < limits.tokens()) {
            int id = choose(start.logits(0), ids.size());
            if (id == limits.endOfDocument()) {
                return new Continued(ids, true);
            }
            ids.add(id);
            listener.accept(id);
            if (ids.size() < limits.tokens()) {
                start.advance(new int[] {0}, new int[] {id});
            }
        }
        return new Continued(ids, false);
    }
}
