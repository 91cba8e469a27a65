/**
 * Optimizers and learning-rate schedules. {@link io.github.gptmoe.train.optim.Optimizers} makes the {@link
 * io.github.gptmoe.train.optim.Optimizer} of a configuration. It updates weights in place and refreshes low-precision copies
 * in the same pass; it sees {@link io.github.gptmoe.train.optim.ParameterShard}s, so it does not know how parameters are
 * divided over ranks. {@link io.github.gptmoe.train.optim.LearningRateSchedule} is pure arithmetic on the step number.
 *
 * <p>Guarantees: ranks with parts of the parameters make together the updates of one rank with all of them, bit for bit but for
 * LAMB, whose norms are sums in another order; the formulas are in docs/optimizers.md.
 */
@NullMarked
package io.github.gptmoe.train.optim;

import org.jspecify.annotations.NullMarked;
