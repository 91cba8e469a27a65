package io.github.gptmoe.data;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of a stretch of a file, bad ones not judged. To be sent from where they were read to where they are judged.
 *
 * @param rows rows that were not blank lines, bad ones included
 * @param empty rows without text
 * @param cut rows whose text ends at the limit
 * @param bad bad ones in their order
 * @param whole whether all rows were read; false where {@value #MOST_BAD} were bad, and more than their share
 */
public record StretchRows(long rows, long empty, long cut, List<Bad> bad, boolean whole) implements Serializable {
    /** Bad rows of one stretch behind which it is read no further if they are more than their share of it. */
    public static final int MOST_BAD = 100_000;

    /** Nothing. */
    public static final StretchRows NONE = new StretchRows(0, 0, 0, List.of(), true);

    private static final byte[] NOTHING = {};

    /**
     * A bad row.
     *
     * @param rowsBefore rows of the stretch before it
     * @param line its line, from 1
     * @param byteOffset of its first byte, in the decompressed file
     * @param problemOffset of the first byte that is wrong
     * @param reason what is wrong
     * @param raw its bytes, or the first ones, if the policy keeps them; else none. Owned by the holder
     * @param rowBytes how many it has
     */
    @SuppressWarnings("ArrayRecordComponent") // Passed from a reader to the judge, never compared.
    public record Bad(
            long rowsBefore, long line, long byteOffset, long problemOffset, String reason, byte[] raw, long rowBytes)
            implements Serializable {
        BadRow of(Path file) {
            return new BadRow(file, line, byteOffset, problemOffset, reason, raw, rowBytes);
        }
    }

    /** Collects rows; ends the reading of rubbish, so that it does not fill the memory. */
    static final class Builder {
        private static final double NEVER = 1;

        private final BadRowPolicy policy;
        private final List<Bad> bad = new ArrayList<>();
        private final RowCounts counts;

        Builder(BadRowPolicy policy) {
            this.policy = policy;
            this.counts = RowCounts.keeping(new BadRowPolicy(BadRows.QUARANTINE, NEVER, "", ""), this::keep);
        }

        private void keep(BadRow row) {
            byte[] raw = policy.action() == BadRows.QUARANTINE ? row.raw() : NOTHING;
            bad.add(new Bad(
                    counts.rows(),
                    row.line(),
                    row.byteOffset(),
                    row.problemOffset(),
                    row.reason(),
                    raw,
                    row.rowBytes()));
        }

        RowCounts counts() {
            return counts;
        }

        boolean isEnough() {
            return policy.action() == BadRows.FAIL ? !bad.isEmpty() : isRubbish();
        }

        private boolean isRubbish() {
            return bad.size() >= MOST_BAD && policy.isExceeded(bad.size(), counts.rows());
        }

        StretchRows build() {
            RowCounts.Totals met = counts.totals();
            return new StretchRows(met.rows(), met.empty(), met.cut(), List.copyOf(bad), !isRubbish());
        }
    }
}
