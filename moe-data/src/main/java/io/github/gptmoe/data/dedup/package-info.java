/**
 * Duplicate documents, and documents that give evaluation data away.
 *
 * <p>{@link io.github.gptmoe.data.dedup.DedupRun}, the entry point, passes over files three times. The first pass makes a
 * {@link io.github.gptmoe.data.dedup.DocumentPrint} of each document: a hash of the text as it is compared
 * ({@link io.github.gptmoe.data.dedup.MatchText}), and a MinHash signature. {@link io.github.gptmoe.data.dedup.Banding} says
 * which signatures make two documents candidates; the second pass reads candidates again, whose similarity is then computed exactly. The
 * third pass writes what is left, each document judged by {@link io.github.gptmoe.data.dedup.Decontaminator} if there is evaluation data.
 *
 * <p><b>Guarantees.</b> Of documents that are equal, or linked by pairs of at least the threshold's similarity among the candidates, the first in the order
 * of the files stays. The result is the same for any number of threads. Memory is proportional to the number of documents, not to their text.
 */
@NullMarked
package io.github.gptmoe.data.dedup;

import org.jspecify.annotations.NullMarked;
