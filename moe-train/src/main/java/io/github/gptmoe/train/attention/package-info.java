/**
 * Which form of attention a run computes with, found by measurement.
 *
 * <p>{@link io.github.gptmoe.train.attention.AttentionTuner} is the entry point: it looks an {@link
 * io.github.gptmoe.train.attention.AttentionCase} (machine, libtorch, precision, shape) up in the user's {@link
 * io.github.gptmoe.train.attention.AttentionTable}, measures what is missing with an {@link
 * io.github.gptmoe.train.attention.AttentionTimer}, and takes the fastest form that fits into memory. A run asks through
 * {@link io.github.gptmoe.train.attention.AttentionResolver}, whose default is the fixed rule of {@link
 * io.github.gptmoe.core.model.NamedAttention}: a library call measures nothing unless it is told to.
 *
 * <p>Guarantees: whatever is wrong with the table's file costs a warning and another measurement, never a run; several
 * processes may use one table at a time; forms differ in rounding only. Where to look next: {@link
 * io.github.gptmoe.train.Pretraining} keeps the choice in the run folder.
 */
@NullMarked
package io.github.gptmoe.train.attention;

import org.jspecify.annotations.NullMarked;
