package io.github.gptmoe.spark;

import java.io.Serializable;
import java.util.Locale;

/**
 * What one task reads: a file, or the lines (of a Parquet file: the row groups) of a range of its bytes.
 *
 * @param number its place among all slices, from 0; slices of a file follow each other
 * @param input the file
 * @param part its place among the slices of the file, from 0
 * @param parts slices of the file
 * @param from first byte
 * @param to byte behind the last one
 * @param lineEndsBefore line feeds before {@code from}
 */
record Slice(int number, JobInput input, int part, int parts, long from, long to, long lineEndsBefore)
        implements Serializable {

    boolean isWholeFile() {
        return parts == 1;
    }

    /** What intermediate files of it are called. */
    String fileName() {
        return String.format(Locale.ROOT, "slice-%06d", number);
    }

    Slice withLineEndsBefore(long count) {
        return new Slice(number, input, part, parts, from, to, count);
    }
}
