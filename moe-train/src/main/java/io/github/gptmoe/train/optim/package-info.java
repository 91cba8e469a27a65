/**
 * Optimizers and learning-rate schedules. {@link io.github.gptmoe.train.optim.AdamWOptimizer} updates FP32 masters in place
 * and refreshes low-precision copies in the same pass; {@link io.github.gptmoe.train.optim.LearningRateSchedule} is pure
 * arithmetic on the step number.
 */
@NullMarked
package io.github.gptmoe.train.optim;

import org.jspecify.annotations.NullMarked;
