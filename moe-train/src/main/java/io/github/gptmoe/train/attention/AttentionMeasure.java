package io.github.gptmoe.train.attention;

import io.github.gptmoe.core.model.NamedAttention;
import java.util.List;

/** A way to find out how long forms take; tests bring timings of their own. */
@FunctionalInterface
interface AttentionMeasure {
    /**
     * Times forms.
     *
     * @param of precision and shape
     * @param forms at least one
     * @return a timing or a reason for each form; at least one timing
     */
    AttentionTimings time(AttentionCase of, List<NamedAttention> forms);
}
