package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.core.naive.FiniteDifferences;
import io.github.gptmoe.core.naive.NaiveCausalAttention;
import io.github.gptmoe.core.naive.Samples;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every form that a run can name, forward and backward, against the float64 loop over many blocks, the last one short. */
class AttentionFormTest {
    private static final int HEADS = 2;
    private static final int LENGTH = 600;
    private static final int SIZE = 8;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    static Stream<Arguments> formsAndPrecisions() {
        return Arrays.stream(NamedAttention.values())
                .flatMap(form -> Arrays.stream(Precision.values()).map(precision -> Arguments.of(form, precision)));
    }

    @ParameterizedTest
    @MethodSource("formsAndPrecisions")
    void matchesTheLoopForwardAndBackward(NamedAttention named, Precision precision) {
        List<double[]> in = inputs(precision);
        try (NDManager scope = NDManager.newBaseManager()) {
            NDList arrays = arrays(scope, precision, in);
            AttentionForm.Recorded recorded = named.form().record(scope, arrays.subNDList(0, 3));
            double[] output = KernelCheck.doubles(scope, recorded.output());
            assertThat(KernelCheck.doubles(scope, named.form().run(scope, arrays.subNDList(0, 3))))
                    .as("run and record")
                    .isEqualTo(output);
            NDList gradients = recorded.backward(scope, arrays.get(3));
            for (int head = 0; head < HEADS; head++) {
                int first = head * LENGTH * SIZE;
                double[][] of = in.stream().map(x -> slice(x, first)).toArray(double[][]::new);
                NaiveCausalAttention expected = NaiveCausalAttention.of(of[0], of[1], of[2], of[3], SIZE);
                assertClose(precision, "output", slice(output, first), expected.output());
                List<double[]> expectedGrads =
                        List.of(expected.gradQueries(), expected.gradKeys(), expected.gradValues());
                for (int i = 0; i < expectedGrads.size(); i++) {
                    double[] gradient = slice(KernelCheck.doubles(scope, gradients.get(i)), first);
                    assertClose(precision, "gradient " + i, gradient, expectedGrads.get(i));
                }
            }
        }
    }

    /**
     * FP32: each value near the loop's. BF16, FP16: the Euclidean norm of the error, as roundings have random signs; about a dozen
     * intermediate results are rounded, and the gradients of keys and values are summed in it over up to ten blocks.
     */
    private static void assertClose(Precision precision, String what, double[] actual, double[] expected) {
        if (precision == Precision.FP32) {
            KernelCheck.assertClose(what, actual, expected, 1e-5 * Math.max(1, Samples.largest(expected)));
            return;
        }
        double[] error = new double[expected.length];
        for (int i = 0; i < error.length; i++) {
            error[i] = actual[i] - expected[i];
        }
        assertThat(norm(error)).as(what).isLessThanOrEqualTo(5 * KernelCheck.rounding(precision) * norm(expected));
    }

    private static double norm(double[] values) {
        return Math.sqrt(FiniteDifferences.dot(values, values));
    }

    private static double[] slice(double[] values, int first) {
        return Arrays.copyOfRange(values, first, first + LENGTH * SIZE);
    }

    /** Queries, keys, values and the gradient of the output, representable in the precision. */
    private static List<double[]> inputs(Precision precision) {
        return Stream.of(1, 2, 3, 4)
                .map(seed -> Samples.normal(seed, HEADS * LENGTH * SIZE, 1))
                .map(values -> KernelCheck.rounded(precision, values))
                .toList();
    }

    private static NDList arrays(NDManager scope, Precision precision, List<double[]> values) {
        return new NDList(values.stream()
                .map(x -> KernelCheck.array(scope, precision, x, 1, HEADS, LENGTH, SIZE))
                .toArray(NDArray[]::new));
    }

    @ParameterizedTest
    @MethodSource("formsAndPrecisions")
    void sameInputSameBitsAlsoBackward(NamedAttention named, Precision precision) {
        List<double[]> in = inputs(precision);
        try (NDManager scope = NDManager.newBaseManager()) {
            NDList arrays = arrays(scope, precision, in);
            assertThat(gradientBits(scope, named.form(), arrays))
                    .isDeepEqualTo(gradientBits(scope, named.form(), arrays));
        }
    }

    private static double[][] gradientBits(NDManager scope, AttentionForm form, NDList arrays) {
        return form.record(scope, arrays.subNDList(0, 3)).backward(scope, arrays.get(3)).stream()
                .map(gradient -> KernelCheck.doubles(scope, gradient))
                .toArray(double[][]::new);
    }

    @Test
    void thePlatformIsTold() {
        assertThat(KernelPlatform.threads()).isPositive();
        assertThat(KernelPlatform.libtorch()).matches("\\d+\\.\\d+.*");
        assertThat(KernelPlatform.attentionFingerprint()).matches("[0-9a-f]{12}");
    }
}
