/**
 * Optimizers and learning-rate schedules. An {@link io.github.gptmoe.train.optim.Optimizer} updates FP32 masters in place
 * and refreshes low-precision copies in the same pass; it sees {@link io.github.gptmoe.train.optim.ParameterShard}s, so it does
 * not know how parameters are divided over ranks. {@link io.github.gptmoe.train.optim.LearningRateSchedule} is pure
 * arithmetic on the step number.
 */
@NullMarked
package io.github.gptmoe.train.optim;

import org.jspecify.annotations.NullMarked;
