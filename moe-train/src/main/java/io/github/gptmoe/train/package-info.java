/**
 * Pretraining, on one device or many.
 *
 * <p>{@link io.github.gptmoe.train.Pretraining} is the entry point: it takes a {@link
 * io.github.gptmoe.train.config.RunConfig} and a run folder, and trains to the end, or until its {@link
 * io.github.gptmoe.train.StopRequest} asks it to stop. A run folder holds {@code config.yaml}, {@code metrics.jsonl},
 * {@code summary.json} and {@code checkpoints/}. {@link io.github.gptmoe.train.StepBenchmark} times the same step on made-up
 * tokens. A process that is one of several joins the {@link io.github.gptmoe.train.rendezvous.World} of its run first; process 0
 * then decides, writes and speaks for all.
 *
 * <p>Guarantees: the same configuration gives the same losses, bit for bit, on the same machine and thread count; a run that
 * was killed at any moment and started again gives the losses of the uninterrupted run; a step whose loss or gradient is
 * not finite changes no weight. Where to look next: {@link io.github.gptmoe.train.pipeline} for forward and backward.
 */
@NullMarked
package io.github.gptmoe.train;

import org.jspecify.annotations.NullMarked;
