/**
 * Cleaning, deduplicating and packing as jobs of Apache Spark, for corpora that are too large for one machine. Results are those of
 * {@code moe data} on one machine, byte for byte.
 *
 * <p>{@link io.github.gptmoe.spark.Main} is what {@code spark-submit} starts. Text is cut into slices ({@code SlicePlan}): whole files, or
 * blocks of large ones. {@code CleanJob} needs one pass over them; {@code DedupJob} prints documents, finds pairs by their bands and
 * compares them ({@code PairStage}), has the driver join them in the order of the one-machine run, and writes what stays; {@code PackCommand}
 * has files tokenised into the parts that {@link io.github.gptmoe.data.MixPacker} mixes.
 *
 * <p><b>Guarantees.</b> A task may run twice: outputs are written under a name of the attempt and renamed. What is wrong with the input is
 * no failure of a task but a value that it returns; the driver reports the first in the order of the files.
 */
@NullMarked
package io.github.gptmoe.spark;

import org.jspecify.annotations.NullMarked;
