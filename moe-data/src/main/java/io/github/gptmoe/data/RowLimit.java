package io.github.gptmoe.data;

import java.io.Serializable;

/**
 * How long a row may be.
 *
 * @param maxBytes UTF-8 bytes as they stand in the file, the line end excluded; from 16 to 64 MiB
 * @param longRows what becomes of longer ones
 */
public record RowLimit(int maxBytes, LongRows longRows) implements Serializable {
    /** The least limit: below it not even an empty JSON row fits. */
    public static final int LEAST_BYTES = 16;

    /** The largest limit, which is that of training text. */
    public static final int MOST_BYTES = 64 << 20;

    /** What else may stand in a JSON row whose text is cut. */
    private static final int SPARE_BYTES = 1 << 16;

    /**
     * Checks the limit.
     *
     * @param maxBytes the limit
     * @param longRows what becomes of longer rows
     */
    public RowLimit {
        if (maxBytes < LEAST_BYTES || maxBytes > MOST_BYTES) {
            throw new IllegalArgumentException("rows of " + maxBytes + " bytes");
        }
    }

    /**
     * That of training text.
     *
     * @return {@link #MOST_BYTES}, and longer rows are bad
     */
    public static RowLimit ofTraining() {
        return new RowLimit(MOST_BYTES, LongRows.REFUSE);
    }

    /** The most bytes of a row that a reader hands out. */
    int heldBytes() {
        return longRows == LongRows.CUT ? maxBytes + SPARE_BYTES : maxBytes;
    }
}
