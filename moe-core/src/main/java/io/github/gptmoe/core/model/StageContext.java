package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.AttentionForm;
import io.github.gptmoe.core.kernel.Precision;
import org.jspecify.annotations.Nullable;

/**
 * Everything a stage is told besides its input.
 *
 * @param scope owner of every array the stage makes, results included
 * @param precision precision of weights and activations
 * @param training whether routers may use training-only noise
 * @param step optimizer step, from 1; for warm-ups inside a router
 * @param noiseSeed key of the noise of this micro-batch; a recomputed forward gets the same
 * @param validT FP32 (T), 1 for a real token and 0 for padding, or null when all are real; padding visits no expert
 * @param attention how whole sequences attend, or null for {@linkplain NamedAttention#standard the fixed rule}
 * @param exchange how tokens get to experts on other ranks, or null when all are here
 */
public record StageContext(
        NDManager scope,
        Precision precision,
        boolean training,
        long step,
        long noiseSeed,
        @Nullable NDArray validT,
        @Nullable AttentionForm attention,
        @Nullable ExpertExchange exchange) {

    /**
     * A context with the attention of the fixed rule, and all experts here.
     *
     * @param scope as above
     * @param precision as above
     * @param training as above
     * @param step as above
     * @param noiseSeed as above
     * @param validT as above
     */
    public StageContext(
            NDManager scope,
            Precision precision,
            boolean training,
            long step,
            long noiseSeed,
            @Nullable NDArray validT) {
        this(scope, precision, training, step, noiseSeed, validT, null, null);
    }

    /**
     * A context for evaluation: no noise, no padding, attention by the fixed rule, so that a score depends on nothing that
     * was measured.
     *
     * @param scope owner of every array the stage makes
     * @param precision precision of weights and activations
     * @return the context
     */
    public static StageContext evaluation(NDManager scope, Precision precision) {
        return new StageContext(scope, precision, false, 0, 0, null);
    }

    /**
     * The same run with another owner.
     *
     * @param other owner of the arrays made from here on
     * @return a context that differs in its scope only
     */
    public StageContext in(NDManager other) {
        return new StageContext(other, precision, training, step, noiseSeed, validT, attention, exchange);
    }

    /**
     * The same run with a padding mask.
     *
     * @param mask FP32 (T), 1 for a real token
     * @return a context that differs in its mask only
     */
    public StageContext withValid(@Nullable NDArray mask) {
        return new StageContext(scope, precision, training, step, noiseSeed, mask, attention, exchange);
    }

    /**
     * The same run with another way to attend.
     *
     * @param form how whole sequences attend
     * @return a context that differs in its attention only
     */
    public StageContext withAttention(AttentionForm form) {
        return new StageContext(scope, precision, training, step, noiseSeed, validT, form, exchange);
    }

    /**
     * The same run with experts divided over ranks.
     *
     * @param experts how tokens get to them, or null when all are here
     * @return a context that differs in its exchange only
     */
    public StageContext withExchange(@Nullable ExpertExchange experts) {
        return new StageContext(scope, precision, training, step, noiseSeed, validT, attention, experts);
    }

    /** How sequences of a length attend in this run. */
    AttentionForm attentionOver(long length) {
        return attention != null
                ? attention
                : NamedAttention.standard(scope.getDevice(), precision, length).form();
    }
}
