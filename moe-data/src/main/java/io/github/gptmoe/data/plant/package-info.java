/**
 * Known faults in a copy of a corpus, to measure what cleaning and deduplication find.
 *
 * <p>{@link io.github.gptmoe.data.plant.FaultPlanter} writes the copy and the list of faults, {@link io.github.gptmoe.data.plant.FaultCheck}
 * compares the list with what was found. The same seed plants the same faults.
 */
@NullMarked
package io.github.gptmoe.data.plant;

import org.jspecify.annotations.NullMarked;
