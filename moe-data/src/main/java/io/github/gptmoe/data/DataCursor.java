package io.github.gptmoe.data;

/**
 * The whole state of the data pipeline.
 *
 * @param sample the number of the next sample, counted over all epochs from 0
 */
public record DataCursor(long sample) {
    /**
     * Checks the number.
     *
     * @param sample not negative
     */
    public DataCursor {
        if (sample < 0) {
            throw new IllegalArgumentException("a cursor cannot stand at sample " + sample);
        }
    }

    /**
     * Returns the cursor after some samples.
     *
     * @param sequences how many samples were used
     * @return the cursor behind them
     */
    public DataCursor plus(long sequences) {
        return new DataCursor(Math.addExact(sample, sequences));
    }
}
