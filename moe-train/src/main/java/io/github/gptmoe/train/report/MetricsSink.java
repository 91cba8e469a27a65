package io.github.gptmoe.train.report;

/** Where a run's lines go. */
public interface MetricsSink {
    /** Takes lines and forgets them: only one rank of a run writes. */
    MetricsSink NONE = new MetricsSink() {
        @Override
        public void write(Record line) {}

        @Override
        public void force() {}
    };

    /**
     * Writes a line.
     *
     * @param line a {@link TrainingLine} or {@link ValidationLine}
     */
    void write(Record line);

    /** Makes what was written safe; a checkpoint promises that the lines up to its step are there. */
    void force();
}
