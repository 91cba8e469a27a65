/** Tests of the trainer of vocabularies. */
@NullMarked
package io.github.gptmoe.data.bpe;

import org.jspecify.annotations.NullMarked;
