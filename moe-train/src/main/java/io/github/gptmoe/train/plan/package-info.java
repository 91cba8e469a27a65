/**
 * What a run will need, before anything is allocated.
 *
 * <p>{@link io.github.gptmoe.train.plan.MemoryPlan} counts the bytes of a device: {@link io.github.gptmoe.train.plan.StateBytes}
 * from the layout of the flat arrays, activations and temporaries from what the blocks' code keeps and allocates, at the moment of
 * a step at which their sum is largest. {@link io.github.gptmoe.train.plan.SwitchSearch} looks for settings that make it fit,
 * {@link io.github.gptmoe.train.plan.TimePlan} counts days. No native library is loaded.
 */
@NullMarked
package io.github.gptmoe.train.plan;

import org.jspecify.annotations.NullMarked;
