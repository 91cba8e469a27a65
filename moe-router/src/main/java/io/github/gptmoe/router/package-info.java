/**
 * Routing mathematics: which expert serves which token, with what weight, and at what price in the loss.
 *
 * <p><b>Overview.</b> A {@link io.github.gptmoe.router.Router} maps the hidden states of T tokens to a
 * {@link io.github.gptmoe.router.Routing}: an expert id and a gate weight for every token, and the scalar losses that
 * shape the decision. Two routers exist: {@code top1} ({@link io.github.gptmoe.router.Top1Config}), the router of the
 * Switch Transformer, and {@code large-margin} ({@link io.github.gptmoe.router.LargeMarginConfig}), which adds a hinge on
 * the exact distance from a token to the nearest decision boundary.
 *
 * <p><b>Entry point.</b> {@link io.github.gptmoe.router.RouterConfig} is what a run's configuration holds;
 * {@code config.build(hidden, numExperts)} gives the router of one layer. The router owns no parameters: it declares them
 * in {@link io.github.gptmoe.router.Router#weights()} and is handed their values with every call.
 * {@link io.github.gptmoe.router.Capacity} drops the overflow of experts when a capacity is wanted, and
 * {@link io.github.gptmoe.router.LoadReport} turns decisions into the numbers a person watches.
 *
 * <p><b>Guarantees.</b> Routing is pure: no static state, no counters, no side channel; the same input gives the same
 * bits, so a recomputed forward pass repeats itself, jitter included. All arithmetic is FP32 (the norms that divide the
 * margin are formed in FP64 and rounded once). Padding takes part in nothing: it goes to no expert, and adding or
 * removing it changes no loss. No method of a router waits for the device. Gradients flow through plain NDArray
 * operations, so the caller's autograd switch decides whether they are recorded.
 *
 * <p><b>Memory.</b> Temporaries live in a scope that closes before a router returns; what a {@code Routing} holds is
 * attached to the manager of the hidden states.
 *
 * <p><b>Axes.</b> Names of tensors end in the letters of their axes: T tokens, D width of the hidden states, E experts,
 * K nearest rivals. Scalars carry no letter.
 *
 * <p>To add a router, read {@code docs/adding-a-router.md}.
 */
@NullMarked
package io.github.gptmoe.router;

import org.jspecify.annotations.NullMarked;
