/**
 * A trained model asked about tasks it was not trained for.
 *
 * <p><b>Entry point.</b> {@link io.github.gptmoe.eval.zeroshot.TaskScorer}: rows in, a score for each label out.
 * <b>Reading order.</b> {@code ZeroShotSettings}, {@code TaskScorer} (one task), {@code PatternScorer} (one of its patterns),
 * {@code ZeroShotRun} (several tasks to a folder of results).
 */
@NullMarked
package io.github.gptmoe.eval.zeroshot;

import org.jspecify.annotations.NullMarked;
