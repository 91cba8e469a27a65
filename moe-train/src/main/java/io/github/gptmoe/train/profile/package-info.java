/**
 * Where a training step goes: kernel times by section, beside what each section's arithmetic and memory traffic would take
 * at the machine's measured ceilings.
 */
@NullMarked
package io.github.gptmoe.train.profile;

import org.jspecify.annotations.NullMarked;
