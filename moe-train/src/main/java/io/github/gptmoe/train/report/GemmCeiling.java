package io.github.gptmoe.train.report;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.Precision;

/**
 * The matrix-product ceiling of the machine, measured in this process: best of several square products. For FP16 on a CPU it is
 * that of FP32, in which the kernels compute such products there.
 */
public final class GemmCeiling {
    private static final int CPU_SIZE = 2048;
    private static final int GPU_SIZE = 8192;

    private GemmCeiling() {}

    /**
     * Measures.
     *
     * @param manager its device is measured
     * @param precision of the factors
     * @param repetitions products, of which the fastest counts
     * @return 1e9 operations a second
     */
    public static double gflops(NDManager manager, Precision precision, int repetitions) {
        boolean gpu = manager.getDevice().isGpu();
        int size = gpu ? GPU_SIZE : CPU_SIZE;
        Precision computed = precision == Precision.FP16 && !gpu ? Precision.FP32 : precision;
        try (NDManager scope = manager.newSubManager()) {
            NDArray a = computed.cast(scope, filled(scope, size));
            NDArray b = computed.cast(scope, filled(scope, size));
            double best = Double.MAX_VALUE;
            for (int i = 0; i < repetitions; i++) {
                long start = System.nanoTime();
                try (NDArray product = a.matMul(b)) {
                    Precision.FP32.cast(scope, product.get("0:1, 0:1")).getFloat(); // waits for the device
                }
                best = Math.min(best, (System.nanoTime() - start) / 1e9);
            }
            return 2.0 * size * size * size / best / 1e9;
        }
    }

    /** Values that need no random generator, so that measuring changes nothing in a run. */
    private static NDArray filled(NDManager scope, int size) {
        return scope.linspace(-1f, 1f, size * size, true).reshape(new Shape(size, size));
    }
}
