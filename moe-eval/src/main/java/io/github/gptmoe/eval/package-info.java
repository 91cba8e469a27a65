/**
 * What a trained model is used for: the probability of a text, perplexity, and new text.
 *
 * <p><b>Entry points.</b> {@link io.github.gptmoe.eval.TrainedModel#open} reads a run or one of its checkpoints;
 * {@link io.github.gptmoe.eval.RunLocator} finds a run when none was named. With the model,
 * {@link io.github.gptmoe.eval.SequenceScorer} gives the log-probability of every token,
 * {@link io.github.gptmoe.eval.Perplexity} sums it over documents, and {@link io.github.gptmoe.eval.Generator} continues
 * prompts, one or many side by side. {@link io.github.gptmoe.eval.GenerateBenchmark} times that.
 *
 * <p><b>Ways to choose tokens.</b> A {@link io.github.gptmoe.eval.Decoding} turns a
 * {@link io.github.gptmoe.eval.TextBatch} into tokens: {@link io.github.gptmoe.eval.Greedy},
 * {@link io.github.gptmoe.eval.Sampling} after any {@link io.github.gptmoe.eval.Truncation} of the distribution
 * ({@link io.github.gptmoe.eval.TopK}, {@link io.github.gptmoe.eval.TopP}), and
 * {@link io.github.gptmoe.eval.BeamSearch}. A new one is one class; it needs no tensors. One that never takes a token back is
 * a {@link io.github.gptmoe.eval.TokenChoice}, and continues any number of texts at once.
 *
 * <p><b>Guarantees.</b> Evaluation is deterministic: no noise, no dropped tokens, and a random choice depends on the seed
 * and the position alone. The score of a text does not depend on the texts it shares a batch with, up to rounding. Every
 * entry point may be called from any thread; one {@link io.github.gptmoe.eval.TrainedModel} may serve several at once.
 * Memory of a call is freed when it returns.
 *
 * <p>Axis letters: B batch, L length, T = B*L tokens, D width, V vocabulary.
 */
@NullMarked
package io.github.gptmoe.eval;

import org.jspecify.annotations.NullMarked;
