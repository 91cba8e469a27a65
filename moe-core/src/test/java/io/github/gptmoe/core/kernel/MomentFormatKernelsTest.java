package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.OptimizerKernels.AdamW;
import io.github.gptmoe.core.kernel.OptimizerKernels.AdamWArrays;
import io.github.gptmoe.core.naive.Samples;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** AdamW with moments that are rounded between updates: each update is checked from the rounded state on. */
class MomentFormatKernelsTest {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.95;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    /** Makes an update in plain arrays; first and second hold the exact new moments afterwards. */
    private static void naive(double[] weights, double[] gradient, double[] first, double[] second, AdamW settings) {
        double correction1 = 1 - Math.pow(BETA1, (double) settings.step());
        double correction2 = 1 - Math.pow(BETA2, (double) settings.step());
        for (int i = 0; i < weights.length; i++) {
            double g = gradient[i] * settings.clip();
            first[i] = BETA1 * first[i] + (1 - BETA1) * g;
            second[i] = BETA2 * second[i] + (1 - BETA2) * g * g;
            double below = Math.sqrt(second[i] / correction2) + settings.epsilon();
            weights[i] -=
                    settings.learningRate() * (settings.weightDecay() * weights[i] + first[i] / correction1 / below);
        }
    }

    private static AdamW settings(int update) {
        return new AdamW(update, 1e-2 * update, BETA1, BETA2, 1e-6, update % 2 == 0 ? 0.1 : 0, 1.0 / update);
    }

    @Test
    void bf16MomentsAreRoundedFromTheExactOnes() {
        try (NDManager scope = NDManager.newBaseManager()) {
            OptimizerCheck check = new OptimizerCheck(scope, Precision.FP32, true);
            NDList first = check.zeros(Precision.BF16);
            NDList second = check.zeros(Precision.BF16);
            List<double[]> m = new ArrayList<>(OptimizerCheck.naiveZeros());
            List<double[]> v = new ArrayList<>(OptimizerCheck.naiveZeros());
            for (int update = 1; update <= 5; update++) {
                OptimizerKernels.adamW(
                        new AdamWArrays(check.next(update, Precision.BF16), first, second), settings(update));
                for (int i = 0; i < m.size(); i++) {
                    naive(check.expected.get(i), check.gradients.get(i), m.get(i), v.get(i), settings(update));
                    m.set(i, rounded(scope, first.get(i), m.get(i), 0x1p-8));
                    v.set(i, rounded(scope, second.get(i), v.get(i), 0x1p-7));
                }
                check.assertWeights(2 * OptimizerCheck.FP32_TOLERANCE);
            }
        }
    }

    /** The stored values, each at most a share of the exact one away from it. */
    private static double[] rounded(NDManager scope, NDArray stored, double[] exact, double share) {
        double[] values = KernelCheck.doubles(scope, stored);
        for (int i = 0; i < values.length; i++) {
            assertThat(Math.abs(values[i] - exact[i])).isLessThanOrEqualTo(share * 1.001 * Math.abs(exact[i]) + 1e-8);
        }
        return values;
    }

    @Test
    void int8MomentsAreTheNearestOfTheirBlocks() {
        try (NDManager scope = NDManager.newBaseManager()) {
            OptimizerCheck check = new OptimizerCheck(scope, Precision.FP32, true);
            NDList first = codes(scope);
            NDList second = codes(scope);
            NDList firstScales = scales(scope);
            NDList secondScales = scales(scope);
            List<double[]> m = new ArrayList<>(OptimizerCheck.naiveZeros());
            List<double[]> v = new ArrayList<>(OptimizerCheck.naiveZeros());
            for (int update = 1; update <= 5; update++) {
                OptimizerKernels.adamW(
                        new AdamWArrays(check.next(update, Precision.BF16), first, firstScales, second, secondScales),
                        settings(update));
                for (int i = 0; i < m.size(); i++) {
                    naive(check.expected.get(i), check.gradients.get(i), m.get(i), v.get(i), settings(update));
                    m.set(i, quantised(first.get(i), firstScales.get(i), m.get(i), DynamicMap.signed()));
                    v.set(i, quantised(second.get(i), secondScales.get(i), v.get(i), DynamicMap.unsigned()));
                }
                check.assertWeights(2 * OptimizerCheck.FP32_TOLERANCE);
            }
        }
    }

    private static NDList codes(NDManager scope) {
        NDList codes = new NDList();
        for (int size : OptimizerCheck.SIZES) {
            codes.add(scope.zeros(new Shape(size), DataType.UINT8));
        }
        return codes;
    }

    private static NDList scales(NDManager scope) {
        NDList scales = new NDList();
        for (int size : OptimizerCheck.SIZES) {
            scales.add(scope.zeros(new Shape((size + 255) / 256)));
        }
        return scales;
    }

    private static double[] quantised(NDArray codes, NDArray scales, double[] exact, float[] map) {
        byte[] code = codes.toByteArray();
        float[] scale = scales.toFloatArray();
        double[] values = new double[exact.length];
        for (int block = 0; block < scale.length; block++) {
            int end = Math.min(exact.length, 256 * block + 256);
            double largest = 0;
            for (int i = 256 * block; i < end; i++) {
                largest = Math.max(largest, Math.abs(exact[i]));
            }
            assertThat((double) scale[block]).isBetween(largest * (1 - 1e-6), largest * (1 + 1e-6));
            for (int i = 256 * block; i < end; i++) {
                values[i] = (double) map[code[i] & 0xff] * scale[block];
                // A sample of the elements: the search through the map is slow.
                if (i % 7 == 0 || end - i < 4) {
                    assertNearest(values[i], exact[i], map, scale[block]);
                }
            }
        }
        return values;
    }

    private static void assertNearest(double value, double exact, float[] map, double scale) {
        double nearest = Double.MAX_VALUE;
        for (float candidate : map) {
            nearest = Math.min(nearest, Math.abs(candidate * scale - exact));
        }
        assertThat(Math.abs(value - exact)).isLessThanOrEqualTo(nearest + 0x1p-10 * Math.abs(exact));
    }

    /**
     * A second moment at rest: with the root mean square of the gradient constant it stays near its square. Rounded to the
     * nearest BF16 number, it would stop up to 4 % away, as an update moves it by a twentieth of the distance only.
     */
    @Test
    void bf16SecondMomentsAreUnbiased() {
        try (NDManager scope = NDManager.newBaseManager()) {
            int size = 4096;
            NDArray first = KernelCheck.array(scope, Precision.BF16, new double[size], size);
            NDArray second = KernelCheck.array(scope, Precision.BF16, new double[size], size);
            NDArray gradient = scope.ones(new Shape(size));
            for (int update = 1; update <= 300; update++) {
                OptimizerKernels.adamW(
                        new AdamWArrays(
                                OptimizerCheck.weights(scope.ones(new Shape(size)), gradient),
                                new NDList(first),
                                new NDList(second)),
                        new AdamW(update, 1e-3, BETA1, BETA2, 1e-8, 0, 1));
            }
            // One element varies by about 1 %, so the mean of 4,096 by less than 2e-4.
            double mean = 0;
            for (double value : KernelCheck.doubles(scope, second)) {
                mean += value / size;
            }
            assertThat(mean).isBetween(0.999, 1.001);
        }
    }

    @Test
    void blocksWithoutGradientsStayEmpty() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray weights = KernelCheck.array(scope, Precision.FP32, Samples.normal(1, 600, 1), 600);
            double[] before = KernelCheck.doubles(scope, weights);
            OptimizerKernels.adamW(
                    new AdamWArrays(
                            OptimizerCheck.weights(weights, scope.zeros(new Shape(600))),
                            new NDList(scope.zeros(new Shape(600), DataType.UINT8)),
                            new NDList(scope.zeros(new Shape(3))),
                            new NDList(scope.zeros(new Shape(600), DataType.UINT8)),
                            new NDList(scope.zeros(new Shape(3)))),
                    new AdamW(1, 0.1, BETA1, BETA2, 1e-8, 0, 1));
            assertThat(KernelCheck.doubles(scope, weights)).isEqualTo(before);
        }
    }
}
