package io.github.gptmoe.train.config;

/**
 * Where a key or value was written.
 *
 * @param source a file's name, or {@code --set key=value}
 * @param line from 1; 0 where the source has no lines
 * @param column from 1; 0 where the source has no lines
 * @param order place of the source among all sources: the file is 0, {@code --set} options follow
 */
record Origin(String source, int line, int column, int order) implements Comparable<Origin> {

    static Origin inFile(String file, int line, int column) {
        return new Origin(file, line, column, 0);
    }

    @Override
    public int compareTo(Origin other) {
        int bySource = Integer.compare(order, other.order);
        int byLine = bySource != 0 ? bySource : Integer.compare(line, other.line);
        return byLine != 0 ? byLine : Integer.compare(column, other.column);
    }

    @Override
    public String toString() {
        return line == 0 ? source : source + ":" + line + ":" + column;
    }
}
