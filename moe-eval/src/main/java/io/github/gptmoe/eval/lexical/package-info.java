/**
 * A classifier without any language model, to compare models with: naive Bayes over characters that teaches itself.
 *
 * <p><b>Entry point.</b> {@link io.github.gptmoe.eval.lexical.LexicalClassifier#train}: texts and a few words for each label
 * in, probabilities of labels out. {@code SeedWords} finds the words, {@code GramVocabulary} numbers character pairs.
 *
 * <p><b>Guarantees.</b> No randomness, no files, no engine: the same arguments give the same bits on every machine.
 */
@NullMarked
package io.github.gptmoe.eval.lexical;

import org.jspecify.annotations.NullMarked;
