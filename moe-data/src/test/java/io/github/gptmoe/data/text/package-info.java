/** Tests of normalisation. */
@NullMarked
package io.github.gptmoe.data.text;

import org.jspecify.annotations.NullMarked;
