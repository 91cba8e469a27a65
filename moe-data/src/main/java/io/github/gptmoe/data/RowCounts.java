package io.github.gptmoe.data;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many rows were seen, and what a bad one leads to. Safe for several threads. */
public final class RowCounts {
    private static final Logger LOGGER = LoggerFactory.getLogger(RowCounts.class);
    private static final long ROWS_BEFORE_JUDGEMENT = 1000;
    private static final long LOGGED_BAD_ROWS = 20;

    private final BadRowPolicy policy;
    private final Consumer<BadRow> quarantine;
    private final boolean again;
    private long rows;
    private long skippedRows;
    private long emptyRows;
    private long cutRows;

    /**
     * Counts.
     *
     * @param rows rows that were not blank lines
     * @param bad those that were left out
     * @param empty those without text
     * @param cut those whose text was cut
     */
    public record Totals(long rows, long bad, long empty, long cut) {
        static final Totals NONE = new Totals(0, 0, 0, 0);

        Totals plus(Totals more) {
            return new Totals(rows + more.rows, bad + more.bad, empty + more.empty, cut + more.cut);
        }

        /**
         * What was counted since.
         *
         * @param less earlier counts of the same rows
         * @return the difference
         */
        public Totals minus(Totals less) {
            return new Totals(rows - less.rows, bad - less.bad, empty - less.empty, cut - less.cut);
        }
    }

    RowCounts(BadRows action) {
        this(BadRowPolicy.ofTraining(action), row -> {});
    }

    /**
     * Begins with none.
     *
     * @param policy what bad rows lead to
     * @param quarantine is given every bad row under the policy of that name, on the thread that reads
     */
    public RowCounts(BadRowPolicy policy, Consumer<BadRow> quarantine) {
        this(policy, quarantine, false);
    }

    private RowCounts(BadRowPolicy policy, Consumer<BadRow> quarantine, boolean again) {
        this.policy = policy;
        this.quarantine = quarantine;
        this.again = again;
    }

    /** Counts that leave bad rows to whoever judges them later, and say nothing. */
    static RowCounts keeping(BadRowPolicy policy, Consumer<BadRow> kept) {
        return new RowCounts(policy, kept, true);
    }

    /**
     * For reading rows another time, the bad ones of which were judged, logged and kept the first time.
     *
     * @param policy that of the first time
     * @return counts that leave the same rows out and say nothing
     */
    public static RowCounts again(BadRowPolicy policy) {
        return new RowCounts(
                new BadRowPolicy(policy.action(), 1, policy.whenOne(), policy.whenMany()), row -> {}, true);
    }

    /**
     * Counts rows of earlier reading on.
     *
     * @param earlier what was counted then
     */
    public synchronized void resume(Totals earlier) {
        rows += earlier.rows;
        skippedRows += earlier.bad;
        emptyRows += earlier.empty;
        cutRows += earlier.cut;
    }

    synchronized void document() {
        rows++;
    }

    synchronized void empty() {
        rows++;
        emptyRows++;
    }

    /** A row that was counted as a document has none after all. */
    synchronized void emptied() {
        emptyRows++;
    }

    synchronized void cut() {
        cutRows++;
    }

    /** Throws, or leaves the row out. */
    void bad(BadRow row) {
        if (policy.action() == BadRows.QUARANTINE) {
            quarantine.accept(row);
        }
        bad(row.description());
    }

    /** Throws, or leaves the row out; {@code what} says where it is and what is wrong with it. */
    synchronized void bad(String what) {
        rows++;
        if (policy.action() == BadRows.FAIL) {
            throw InputException.environment(what + ". " + policy.whenOne());
        }
        skippedRows++;
        if (!again && skippedRows <= LOGGED_BAD_ROWS) {
            LOGGER.warn("Left out a bad row: {}", what);
        }
        if (rows >= ROWS_BEFORE_JUDGEMENT && policy.isExceeded(skippedRows, rows)) {
            throw InputException.environment(skippedRows + " of the first " + rows
                    + " rows cannot be used, more than " + policy.limit() + "; the last one: " + what + ". "
                    + policy.whenMany());
        }
    }

    /**
     * To be called after the last row: judges also what is too short for a judgement on the way.
     *
     * @throws InputException if too many rows are bad
     */
    public synchronized void end() {
        if (policy.isExceeded(skippedRows, rows)) {
            throw InputException.environment(skippedRows + " of all " + rows + " rows cannot be used, more than "
                    + policy.limit() + ". " + policy.whenMany());
        }
    }

    synchronized long rows() {
        return rows;
    }

    synchronized long skippedRows() {
        return skippedRows;
    }

    synchronized long emptyRows() {
        return emptyRows;
    }

    /**
     * All counts.
     *
     * @return as of now
     */
    public synchronized Totals totals() {
        return new Totals(rows, skippedRows, emptyRows, cutRows);
    }
}
