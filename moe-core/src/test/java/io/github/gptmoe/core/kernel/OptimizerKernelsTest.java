package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.OptimizerKernels.AdamW;
import io.github.gptmoe.core.kernel.OptimizerKernels.AdamWArrays;
import io.github.gptmoe.core.naive.FiniteDifferences;
import io.github.gptmoe.core.naive.Samples;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class OptimizerKernelsTest {
    /** Small, with a rest after every vector width, and more together than one native call takes. */
    private static final int[] SIZES = {1, 37, 5000, (1 << 20) + 3, 7};

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void normSquaredIsTheSumOfSquaresOfAllArrays(Precision precision) {
        try (NDManager scope = NDManager.newBaseManager()) {
            double expected = 0;
            NDList arrays = new NDList();
            for (int size : SIZES) {
                // Exact in every precision, and the sum is FP32: one tolerance for all.
                double[] values = Samples.roundToBf16(Samples.normal(size, size, 3));
                expected += FiniteDifferences.dot(values, values);
                arrays.add(KernelCheck.array(scope, precision, values, size));
            }
            NDArray norm = OptimizerKernels.normSquared(scope, arrays);
            assertThat(Precision.of(norm)).isEqualTo(Precision.FP32);
            assertThat((double) norm.getFloat()).isCloseTo(expected, within(1e-5 * expected));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FP32, Infinity",
        "FP32, -Infinity",
        "FP32, NaN",
        "BF16, Infinity",
        "BF16, -Infinity",
        "BF16, NaN",
        "FP16, Infinity",
        "FP16, -Infinity",
        "FP16, NaN"
    })
    void oneNonFiniteEntryShows(Precision precision, float value) {
        try (NDManager scope = NDManager.newBaseManager()) {
            double[] values = Samples.normal(5, 1000, 1);
            values[777] = value;
            NDList arrays = new NDList(
                    KernelCheck.array(scope, precision, Samples.normal(6, 10, 1), 10),
                    KernelCheck.array(scope, precision, values, 1000));
            float norm = OptimizerKernels.normSquared(scope, arrays).getFloat();
            if (Float.isNaN(value)) {
                assertThat(norm).isNaN();
            } else {
                assertThat(norm).isEqualTo(Float.POSITIVE_INFINITY);
            }
        }
    }

    /** Five updates that differ in everything; clip and decay on and off. */
    private static final List<AdamW> SETTINGS = List.of(
            new AdamW(1, 1e-2, 0.9, 0.95, 1e-8, 0.1, 1),
            new AdamW(2, 2e-2, 0.9, 0.95, 1e-8, 0.1, 0.3),
            new AdamW(3, 3e-2, 0.9, 0.95, 1e-8, 0, 0.05),
            new AdamW(4, 2e-2, 0.8, 0.999, 1e-3, 0.5, 1),
            new AdamW(5, 1e-2, 0.9, 0.95, 1e-8, 0.1, 2));

    @ParameterizedTest
    @CsvSource({"FP32, ", "FP32, BF16", "FP32, FP16", "BF16, ", "BF16, BF16", "FP16, ", "FP16, FP16"})
    void adamWFollowsTheLoopOverSeveralSteps(Precision gradients, Precision copies) {
        try (NDManager scope = NDManager.newBaseManager()) {
            List<NaiveAdamW> naive = new ArrayList<>();
            NDList masters = new NDList();
            NDList low = new NDList();
            NDList first = new NDList();
            NDList second = new NDList();
            for (int size : SIZES) {
                double[] start = Samples.normal(100 + size, size, 1);
                naive.add(new NaiveAdamW(start));
                masters.add(KernelCheck.array(scope, Precision.FP32, start, size));
                low.add((copies == null ? Precision.BF16 : copies).zeros(scope, new Shape(size)));
                first.add(scope.zeros(new Shape(size)));
                second.add(scope.zeros(new Shape(size)));
            }
            for (AdamW settings : SETTINGS) {
                NDList grads = new NDList();
                for (int i = 0; i < SIZES.length; i++) {
                    double[] gradient = Samples.normal(1000 * settings.step() + i, SIZES[i], 0.5);
                    double[] exact = KernelCheck.rounded(gradients, gradient);
                    grads.add(KernelCheck.array(scope, gradients, exact, SIZES[i]));
                    naive.get(i).update(exact, settings);
                }
                WeightArrays weights = new WeightArrays(
                        masters, copies == null ? new NDList() : low, grads, OptimizerCheck.rounding(1, SIZES.length));
                OptimizerKernels.adamW(new AdamWArrays(weights, first, second), settings);
            }
            for (int i = 0; i < SIZES.length; i++) {
                // FP32 state: a few roundings of 6e-8 a step on values up to about 4.
                NaiveAdamW expected = naive.get(i);
                double[] weights = KernelCheck.doubles(scope, masters.get(i));
                KernelCheck.assertClose("weights", weights, expected.weights, 3e-6);
                KernelCheck.assertClose("first moment", KernelCheck.doubles(scope, first.get(i)), expected.first, 1e-6);
                KernelCheck.assertClose(
                        "second moment", KernelCheck.doubles(scope, second.get(i)), expected.second, 1e-6);
                double[] copy = KernelCheck.doubles(scope, low.get(i));
                assertThat(copy)
                        .isEqualTo(copies == null ? new double[SIZES[i]] : KernelCheck.rounded(copies, weights));
            }
        }
    }

    private static final class NaiveAdamW {
        final double[] weights;
        final double[] first;
        final double[] second;

        NaiveAdamW(double[] start) {
            weights = start.clone();
            first = new double[start.length];
            second = new double[start.length];
        }

        void update(double[] gradient, AdamW s) {
            double correction1 = 1 - Math.pow(s.beta1(), (double) s.step());
            double correction2 = 1 - Math.pow(s.beta2(), (double) s.step());
            for (int i = 0; i < weights.length; i++) {
                double g = gradient[i] * s.clip();
                first[i] = s.beta1() * first[i] + (1 - s.beta1()) * g;
                second[i] = s.beta2() * second[i] + (1 - s.beta2()) * g * g;
                double mean = first[i] / correction1;
                double square = second[i] / correction2;
                weights[i] -=
                        s.learningRate() * (s.weightDecay() * weights[i] + mean / (Math.sqrt(square) + s.epsilon()));
            }
        }
    }

    /** libtorch's fused update would write the clipped gradient back. */
    @ParameterizedTest
    @EnumSource(Precision.class)
    void adamWLeavesGradientsAsTheyAre(Precision precision) {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray gradient = KernelCheck.array(scope, precision, new double[] {1, -2, 3}, 3);
            NDArray moment = scope.zeros(new Shape(3));
            OptimizerKernels.adamW(
                    new AdamWArrays(
                            OptimizerCheck.weights(scope.ones(new Shape(3)), gradient),
                            new NDList(moment),
                            new NDList(scope.zeros(new Shape(3)))),
                    new AdamW(1, 0.1, 0.9, 0.95, 1e-8, 0, 0.5));
            assertThat(moment.toFloatArray()).containsExactly(new float[] {0.05f, -0.1f, 0.15f}, within(1e-7f));
            assertThat(KernelCheck.doubles(scope, gradient)).containsExactly(1, -2, 3);
        }
    }

    @Test
    void adamWUpdatesLeavesThatCollectGradients() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray leaf = Autograd.leaf(scope, scope.ones(new Shape(2)));
            OptimizerKernels.adamW(
                    new AdamWArrays(
                            OptimizerCheck.weights(leaf, scope.ones(new Shape(2))),
                            new NDList(scope.zeros(new Shape(2))),
                            new NDList(scope.zeros(new Shape(2)))),
                    new AdamW(1, 0.5, 0.9, 0.95, 0, 0, 1));
            // The first step of Adam is the learning rate times the sign of the gradient.
            assertThat(leaf.toFloatArray()).containsExactly(new float[] {0.5f, 0.5f}, within(1e-6f));
            assertThat(leaf.hasGradient()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void zeroClearsEveryArray(Precision precision) {
        try (NDManager scope = NDManager.newBaseManager()) {
            double[] values = Samples.normal(7, 60, 1);
            values[3] = Double.NaN;
            NDList arrays = new NDList(
                    KernelCheck.array(scope, precision, values, 60),
                    KernelCheck.array(scope, precision, values, 6, 10));
            NDArray other = KernelCheck.array(scope, precision, Samples.normal(8, 4, 1), 4);
            OptimizerKernels.zero(arrays);
            arrays.forEach(
                    array -> assertThat(KernelCheck.doubles(scope, array)).containsOnly(0));
            assertThat(KernelCheck.doubles(scope, other)).doesNotContain(0);
        }
    }
}
