package io.github.gptmoe.eval;

import io.github.gptmoe.eval.Decoding.Continued;
import io.github.gptmoe.eval.Decoding.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** The loop of all decodings that never take a choice back. */
final class TokenByToken {
    private TokenByToken() {}

    /** Chooses one token from the logits; {@code index} counts the tokens chosen before. */
    @FunctionalInterface
    interface Choice {
        int choose(float[] logits, int index);
    }

    static Continued run(Continuation text, Limits limits, IntConsumer listener, Choice choice) {
        List<Integer> ids = new ArrayList<>();
        while (ids.size() < limits.tokens()) {
            int id = choice.choose(text.logits(), ids.size());
            if (id == limits.endOfDocument()) {
                return new Continued(ids, true);
            }
            ids.add(id);
            listener.accept(id);
            text.append(id);
        }
        return new Continued(ids, false);
    }
}
