package io.github.gptmoe.data.plant;

/**
 * What was found of a kind of fault.
 *
 * @param kind its name
 * @param planted documents with it
 * @param found those of them on which the rule acted, or that deduplication removed
 * @param restored those of them whose cleaned text equals, in letters and digits, that of the document without the fault; 0 for kinds that
 *     are to be dropped
 * @param acted all documents on which the rule acted, or that were removed as of this kind
 */
public record FaultScore(String kind, long planted, long found, long restored, long acted) {

    /**
     * The share of the planted documents that was found.
     *
     * @return from 0 to 1; NaN if none was planted
     */
    public double recall() {
        return planted == 0 ? Double.NaN : (double) found / planted;
    }

    /**
     * The share of planted documents among those that were acted on. What a corpus had of such faults before counts against it.
     *
     * @return from 0 to 1; NaN if there were none
     */
    public double precision() {
        return acted == 0 ? Double.NaN : (double) found / acted;
    }
}
