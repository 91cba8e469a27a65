package io.github.gptmoe.data.dedup;

import java.io.Serializable;

/**
 * What became of documents.
 *
 * @param documents documents read
 * @param kept documents written, those that were cut too
 * @param exact dropped because an earlier one is equal
 * @param near dropped because an earlier one is similar
 * @param contaminated dropped because of evaluation data
 * @param cut kept without sentences that are evaluation data
 */
public record DedupCounts(long documents, long kept, long exact, long near, long contaminated, long cut)
        implements Serializable {
    /** Nothing. */
    public static final DedupCounts NONE = new DedupCounts(0, 0, 0, 0, 0, 0);

    /**
     * Adds other documents.
     *
     * @param other their counts
     * @return those of both
     */
    public DedupCounts plus(DedupCounts other) {
        return new DedupCounts(
                documents + other.documents,
                kept + other.kept,
                exact + other.exact,
                near + other.near,
                contaminated + other.contaminated,
                cut + other.cut);
    }
}
