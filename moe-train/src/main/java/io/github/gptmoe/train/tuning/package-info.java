/**
 * The settings that make a step fast without changing what it learns: {@link io.github.gptmoe.train.tuning.SwitchSpace} is
 * what can be tried at a constant global batch, {@link io.github.gptmoe.train.tuning.TuningSearch} decides what is tried and
 * chooses, {@link io.github.gptmoe.train.tuning.TuningTable} says what came out. Who measures is a {@link
 * io.github.gptmoe.train.tuning.TrialRunner}: nothing here starts a process or allocates a tensor.
 *
 * <p>A further switch is one line of {@link io.github.gptmoe.train.tuning.Switches}.
 */
@NullMarked
package io.github.gptmoe.train.tuning;

import org.jspecify.annotations.NullMarked;
