/**
 * Dynamic loss scaling. FP16 gradients below 6e-8 are lost, so an FP16 run multiplies its loss, and with it every gradient, by
 * a factor that is as large as the range of FP16 allows: {@link io.github.gptmoe.train.lossscale.LossScale} says how it
 * follows from overflows, {@link io.github.gptmoe.train.lossscale.LossScaler} is what a training step holds.
 */
@NullMarked
package io.github.gptmoe.train.lossscale;

import org.jspecify.annotations.NullMarked;
