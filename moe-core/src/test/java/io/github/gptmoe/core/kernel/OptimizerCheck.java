package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.naive.Samples;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Parameters of several sizes under an optimizer, once in a kernel's arrays and once in plain ones. */
final class OptimizerCheck {
    /** Small, with a rest after every vector width and block, and longer than one piece. */
    static final int[] SIZES = {1, 37, 256, 5000, (1 << 19) + 3};

    /** FP32: a few roundings of 6e-8 a step on values up to about 4. */
    static final double FP32_TOLERANCE = 3e-6;

    final NDManager scope;
    final NDList weights = new NDList();
    final NDList copies = new NDList();
    final List<double[]> expected = new ArrayList<>();
    final List<double[]> gradients = new ArrayList<>();

    OptimizerCheck(NDManager scope, Precision precision, boolean copied) {
        this.scope = scope;
        for (int size : SIZES) {
            double[] start = Samples.roundToBf16(Samples.normal(100 + size, size, 1));
            expected.add(start.clone());
            weights.add(KernelCheck.array(scope, precision, start, size));
            if (copied) {
                copies.add(KernelCheck.array(scope, Precision.BF16, new double[size], size));
            }
        }
    }

    /** Arrays for the next update, with fresh gradients that are exact in BF16 and in their own type. */
    WeightArrays next(int update, Precision precision) {
        NDList grads = new NDList();
        gradients.clear();
        for (int i = 0; i < SIZES.length; i++) {
            double[] normal = Samples.roundToBf16(Samples.normal(1000L * update + i, SIZES[i], 0.5));
            double[] gradient = KernelCheck.rounded(precision, normal);
            gradients.add(gradient);
            grads.add(KernelCheck.array(scope, precision, gradient, SIZES[i]));
        }
        return new WeightArrays(weights, copies, grads, rounding(1, SIZES.length));
    }

    NDList zeros(Precision precision) {
        NDList zeros = new NDList();
        for (int size : SIZES) {
            zeros.add(KernelCheck.array(scope, precision, new double[size], size));
        }
        return zeros;
    }

    static List<double[]> naiveZeros() {
        return IntStream.of(SIZES).mapToObj(double[]::new).toList();
    }

    void assertWeights(double tolerance) {
        for (int i = 0; i < SIZES.length; i++) {
            double[] actual = KernelCheck.doubles(scope, weights.get(i));
            KernelCheck.assertClose("weights", actual, expected.get(i), tolerance);
            if (!copies.isEmpty()) {
                double[] copy = KernelCheck.doubles(scope, copies.get(i));
                KernelCheck.assertClose("copy", copy, Samples.roundToBf16(actual), 0);
            }
        }
    }

    /** Rounding of parameters 0 to n - 1, all from their first element. */
    static StochasticRounding rounding(long seed, int n) {
        return new StochasticRounding(
                seed, IntStream.range(0, n).mapToObj(i -> "parameter." + i).toList(), Collections.nCopies(n, 0L));
    }

    /** One parameter without copies. */
    static WeightArrays weights(NDArray weights, NDArray gradient) {
        return new WeightArrays(new NDList(weights), new NDList(), new NDList(gradient), rounding(1, 1));
    }
}
