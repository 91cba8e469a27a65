/**
 * Normalisation of text as SentencePiece does it: before training, and before a text is encoded.
 *
 * <p>{@link io.github.gptmoe.data.text.CharacterRules} makes the rules of a {@link io.github.gptmoe.data.text.Normalization}
 * from what Java knows about Unicode, {@link io.github.gptmoe.data.text.CharacterMap} compiles them into the table that model
 * files carry, and {@link io.github.gptmoe.data.text.TextNormalizer} applies such a table and treats spaces. Nothing here
 * depends on other packages.
 */
@NullMarked
package io.github.gptmoe.data.text;

import org.jspecify.annotations.NullMarked;
