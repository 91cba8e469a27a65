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
 * @param bad bad ones in their order
 */
public record StretchRows(long rows, long empty, List<Bad> bad) implements Serializable {
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

    /** Collects rows; ends the reading where the judgement is certain, so that a file of rubbish does not fill the memory. */
    static final class Builder {
        private static final double NEVER = 1;
        private static final long ROWS_BEFORE_JUDGEMENT = 1000;

        /** The shortest row that is no blank line, and its end. */
        private static final long SHORTEST_ROW = 2;

        private final BadRows policy;
        private final long mostRowsBefore;
        private final List<Bad> bad = new ArrayList<>();
        private final RowCounts counts;

        Builder(BadRows policy, long bytesBefore) {
            this.policy = policy;
            this.mostRowsBefore = bytesBefore / SHORTEST_ROW;
            this.counts = new RowCounts(new BadRowPolicy(BadRows.QUARANTINE, NEVER, "", ""), this::keep);
        }

        private void keep(BadRow row) {
            byte[] raw = policy == BadRows.QUARANTINE ? row.raw() : NOTHING;
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
            if (policy == BadRows.FAIL) {
                return !bad.isEmpty();
            }
            double most = (double) mostRowsBefore + counts.rows();
            return counts.rows() >= ROWS_BEFORE_JUDGEMENT && bad.size() / most > BadRowPolicy.USUAL_SHARE;
        }

        StretchRows build() {
            return new StretchRows(counts.rows(), counts.emptyRows(), List.copyOf(bad));
        }
    }
}
