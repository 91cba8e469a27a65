/**
 * Counts made from a model's configuration alone: nothing is allocated, no native library is loaded.
 *
 * <p><b>Entry points.</b> {@link io.github.gptmoe.core.accounting.ParameterCount#of} for parameters (total, dense,
 * active), {@link io.github.gptmoe.core.accounting.FlopCount#of} for the arithmetic of a training step. Both give the
 * figures of one block too, so that a table by layer adds up to the whole.
 *
 * <p><b>Guarantees.</b> Counts are exact, in {@code long} with overflow checked, and equal what the built model holds.
 *
 * <p><b>Letters.</b> D width of the residual stream, L blocks, V vocabulary, S sequence length, E experts of a block.
 */
@NullMarked
package io.github.gptmoe.core.accounting;

import org.jspecify.annotations.NullMarked;
