package io.github.gptmoe.data;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many rows were seen, and what a bad one leads to. Safe for several threads. */
final class RowCounts {
    private static final Logger LOGGER = LoggerFactory.getLogger(RowCounts.class);
    private static final long ROWS_BEFORE_JUDGEMENT = 1000;
    private static final long ROWS_PER_BAD_ROW = 1000;
    private static final long LOGGED_BAD_ROWS = 20;

    private final BadRows policy;
    private long rows;
    private long skippedRows;
    private long emptyRows;

    RowCounts(BadRows policy) {
        this.policy = policy;
    }

    synchronized void document() {
        rows++;
    }

    synchronized void empty() {
        rows++;
        emptyRows++;
    }

    /** Throws, or leaves the row out; {@code what} says where it is and what is wrong with it. */
    synchronized void bad(String what) {
        rows++;
        if (policy == BadRows.FAIL) {
            throw InputException.environment(
                    what
                            + ". Repair the line, or set data.badRows (--bad-rows of a command) to \"skip\" to leave out a few such rows");
        }
        skippedRows++;
        if (skippedRows <= LOGGED_BAD_ROWS) {
            LOGGER.warn("Left out a bad row: {}", what);
        }
        if (rows >= ROWS_BEFORE_JUDGEMENT && skippedRows * ROWS_PER_BAD_ROW > rows) {
            throw InputException.environment(skippedRows + " of the first " + rows
                    + " rows cannot be used, more than one in a thousand; the last one: " + what
                    + ". Repair the files: this is no accident of a few rows");
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
}
