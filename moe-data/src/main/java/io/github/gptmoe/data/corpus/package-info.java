/**
 * Passes over text files that give text files again: what cleaning and deduplication share.
 *
 * <p>{@link io.github.gptmoe.data.corpus.DocumentGroups}, the entry point, reads a file in groups of documents, has threads work
 * on them and gives the results back in the order of the file. {@link io.github.gptmoe.data.corpus.OutputFolder} knows where the
 * output of a file lies and which files are done; {@link io.github.gptmoe.data.corpus.OutputFile} writes one such that it is
 * there whole or not at all.
 *
 * <p><b>Guarantees.</b> Where groups begin depends on the file alone, so outputs are the same bytes for any number of threads. A
 * process that is killed leaves finished files and nothing that could be taken for one.
 */
@NullMarked
package io.github.gptmoe.data.corpus;

import org.jspecify.annotations.NullMarked;
