package io.github.gptmoe.train.report;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.Precision;

/** The memory bandwidth of the machine, measured in this process: best of several sums of arrays no cache holds. */
public final class MemoryCeiling {
    private static final long ELEMENTS = 64L << 20;
    private static final double BYTES_A_SUM = 12; // two FP32 values read, one written

    private MemoryCeiling() {}

    /**
     * Measures {@code a += b}.
     *
     * @param manager its device is measured; holds half a gibibyte meanwhile
     * @param repetitions sums, of which the fastest counts
     * @return 1e9 bytes a second, read and written
     */
    public static double gigabytes(NDManager manager, int repetitions) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray a = scope.zeros(new Shape(ELEMENTS));
            NDArray b = scope.ones(new Shape(ELEMENTS));
            double best = Double.MAX_VALUE;
            for (int i = 0; i < repetitions; i++) {
                long start = System.nanoTime();
                Precision.add(a, b);
                a.get("0:1").toFloatArray(); // waits for the device
                best = Math.min(best, (System.nanoTime() - start) / 1e9);
            }
            return BYTES_A_SUM * ELEMENTS / best / 1e9;
        }
    }
}
