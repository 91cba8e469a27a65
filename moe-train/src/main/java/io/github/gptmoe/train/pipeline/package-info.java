/**
 * Forward and backward of one micro-batch through the stages of a model.
 *
 * <p>{@link io.github.gptmoe.train.pipeline.Pipeline} owns the backward order: stages run forward one by one and
 * backward in reverse, each knowing its own way back. Activation
 * recomputation keeps a stage's input only and runs it again before its backward. {@link
 * io.github.gptmoe.train.pipeline.Gradients} holds the accumulators, {@link
 * io.github.gptmoe.train.pipeline.MicroBatchResult} what a micro-batch yields for the metrics.
 *
 * <p>Axis letters: B batch, L length, T = B*L tokens, D width.
 */
@NullMarked
package io.github.gptmoe.train.pipeline;

import org.jspecify.annotations.NullMarked;
