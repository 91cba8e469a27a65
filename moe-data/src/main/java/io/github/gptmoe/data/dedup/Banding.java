package io.github.gptmoe.data.dedup;

import io.github.gptmoe.data.Hashes;
import java.io.Serializable;
import java.util.Optional;

/**
 * Signatures cut into bands of rows (Leskovec, Rajaraman and Ullman, chapter 3): two documents are candidates if all rows of some
 * band agree, which has the probability {@code 1 - (1 - s^r)^b} at similarity s.
 *
 * @param bands b
 * @param rows r, values of each band
 */
public record Banding(int bands, int rows) implements Serializable {

    /**
     * Chooses the shape: the most rows with which pairs at the threshold still become candidates with the asked probability, and as many bands
     * as the values allow. More rows mean fewer candidates that verification then rejects.
     *
     * @param threshold similarity from which documents are duplicates
     * @param values most values of a signature
     * @param recall least probability at the threshold
     * @return the shape; empty if even one row a band is too many
     */
    public static Optional<Banding> of(double threshold, int values, double recall) {
        Banding best = null;
        for (int rows = 1; rows <= values; rows++) {
            Banding shape = new Banding(values / rows, rows);
            if (shape.probability(threshold) >= recall) {
                best = shape;
            }
        }
        return Optional.ofNullable(best);
    }

    /**
     * The S-curve.
     *
     * @param similarity of two documents
     * @return probability that they become candidates
     */
    public double probability(double similarity) {
        return 1 - Math.pow(1 - Math.pow(similarity, rows), bands);
    }

    /**
     * A 32-bit hash of a band; that two bands differ and have one hash makes a candidate more, which verification rejects.
     *
     * @param values holds signatures
     * @param start where that of the document begins
     * @param band from 0
     * @return the hash
     */
    public int key(int[] values, int start, int band) {
        int from = start + band * rows;
        long hash = band;
        for (int i = from; i < from + rows; i++) {
            hash = Hashes.mix(hash + values[i]);
        }
        return (int) (hash >>> 32);
    }

    /**
     * The values that are used.
     *
     * @return bands times rows
     */
    public int values() {
        return bands * rows;
    }
}
