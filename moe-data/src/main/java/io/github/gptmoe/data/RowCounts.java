package io.github.gptmoe.data;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many rows were seen, and what a bad one leads to. Safe for several threads. */
final class RowCounts {
    private static final Logger LOGGER = LoggerFactory.getLogger(RowCounts.class);
    private static final long ROWS_BEFORE_JUDGEMENT = 1000;
    private static final long LOGGED_BAD_ROWS = 20;

    private final BadRowPolicy policy;
    private final Consumer<BadRow> quarantine;
    private long rows;
    private long skippedRows;
    private long emptyRows;
    private long cutRows;

    /** Rows, among them bad ones, ones without text, and ones whose text was cut. */
    record Totals(long rows, long bad, long empty, long cut) {
        static final Totals NONE = new Totals(0, 0, 0, 0);

        Totals plus(Totals more) {
            return new Totals(rows + more.rows, bad + more.bad, empty + more.empty, cut + more.cut);
        }

        Totals minus(Totals less) {
            return new Totals(rows - less.rows, bad - less.bad, empty - less.empty, cut - less.cut);
        }
    }

    RowCounts(BadRows action) {
        this(BadRowPolicy.ofTraining(action), row -> {});
    }

    /** The quarantine is given every bad row, under the policy of that name. */
    RowCounts(BadRowPolicy policy, Consumer<BadRow> quarantine) {
        this.policy = policy;
        this.quarantine = quarantine;
    }

    /** Counts rows of earlier reading on. */
    synchronized void resume(Totals earlier) {
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
        if (skippedRows <= LOGGED_BAD_ROWS) {
            LOGGER.warn("Left out a bad row: {}", what);
        }
        if (rows >= ROWS_BEFORE_JUDGEMENT && policy.isExceeded(skippedRows, rows)) {
            throw InputException.environment(skippedRows + " of the first " + rows
                    + " rows cannot be used, more than " + policy.limit() + "; the last one: " + what + ". "
                    + policy.whenMany());
        }
    }

    /** To be called after the last row: judges also what is too short for a judgement on the way. */
    synchronized void end() {
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

    synchronized Totals totals() {
        return new Totals(rows, skippedRows, emptyRows, cutRows);
    }
}
