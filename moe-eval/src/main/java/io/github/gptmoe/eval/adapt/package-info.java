/**
 * Continued pretraining on the text of tasks, and the pseudo labels it trains with.
 *
 * <p><b>Entry point.</b> {@link io.github.gptmoe.eval.adapt.AdaptationRun}: checkpoint in, adapted run out, in rounds of labelling
 * and training. <b>Reading order.</b> {@code AdaptationRun}, {@code Labeller} and its kinds, {@code PseudoLabelRule} (which rows
 * get which labels), {@code AdaptationText} (rows to the weighted text that a round trains on), {@code BeforeAfter} (what it was
 * good for) and {@code AdaptationReport}.
 */
@NullMarked
package io.github.gptmoe.eval.adapt;

import org.jspecify.annotations.NullMarked;
