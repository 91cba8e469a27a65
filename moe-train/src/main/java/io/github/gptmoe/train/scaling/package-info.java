/**
 * What a token costs as one thing of a configuration grows: {@link io.github.gptmoe.train.scaling.ScalingPoint#all} derives
 * a comparable configuration for each value, {@link io.github.gptmoe.train.scaling.ScalingBenchmark} has them measured in
 * turn, {@link io.github.gptmoe.train.scaling.ScalingTable} compares the results. Who measures is a {@link
 * io.github.gptmoe.train.scaling.StepMeasurement}: nothing here starts a process or allocates a tensor.
 */
@NullMarked
package io.github.gptmoe.train.scaling;

import org.jspecify.annotations.NullMarked;
