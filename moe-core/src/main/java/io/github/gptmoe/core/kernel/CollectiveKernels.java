package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** What ranks of one process do with each other's arrays, in place. Arrays are contiguous; FP32, BF16 or FP16. */
public final class CollectiveKernels {
    private CollectiveKernels() {}

    /**
     * Sums the same range of several arrays, in the order given and in FP32, and rounds once to the dtype of the result.
     *
     * @param into result; none of {@code parts}
     * @param parts arrays of one size, at least one
     * @param start first element of the range, whose length is that of {@code into}
     */
    public static void sum(NDArray into, NDList parts, long start) {
        KernelModule.instance().call("sum_parts", into.getManager(), into, parts, start);
    }

    /**
     * Writes arrays one after the other.
     *
     * @param into result, as many elements as the parts have together; none of {@code parts}
     * @param parts arrays, at least one
     */
    public static void join(NDArray into, NDList parts) {
        KernelModule.instance().call("join_parts", into.getManager(), into, parts);
    }

    /**
     * Copies consecutive rows.
     *
     * @param into destination (N, ...)
     * @param at its first row
     * @param x source (M, ...); another array
     * @param start its first row
     * @param rows number of rows
     */
    public static void copyRows(NDArray into, long at, NDArray x, long start, long rows) {
        KernelModule.instance().call("copy_rows", into.getManager(), into, at, x, start, rows);
    }
}
