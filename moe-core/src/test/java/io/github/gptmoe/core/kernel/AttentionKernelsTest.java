package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.core.naive.NaiveLayers;
import io.github.gptmoe.core.naive.Samples;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionKernelsTest {
    private static final int D = 8;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    static List<AttentionForm> forms() {
        return List.of(
                new BlockCausalAttention(1),
                new BlockCausalAttention(2),
                new BlockCausalAttention(3),
                new BlockCausalAttention(64),
                new FlashCpuAttention(),
                new RecordedAttention());
    }

    static Stream<Arguments> shapesAndForms() {
        return Stream.of(new int[] {1, 5, 1}, new int[] {2, 4, 2}, new int[] {2, 1, 4})
                .flatMap(shape -> forms().stream().map(form -> Arguments.of(shape[0], shape[1], shape[2], form)));
    }

    @ParameterizedTest
    @MethodSource("shapesAndForms")
    void attentionMatchesTheLoop(int batch, int length, int heads, AttentionForm form) {
        KernelCheck check = new KernelCheck(
                        1,
                        (scope, in) -> record(scope, in, heads, form),
                        in -> NaiveLayers.attention(in.get(0), in.subList(1, 7), heads, length))
                .input(Samples.normal(9, batch * length * D, 1), batch, length, D)
                .fp32Input(Samples.normal(10, D, 1, 0.3), D)
                .fp32Input(Samples.normal(11, D, 0.3), D)
                .input(Samples.normal(12, 3 * D * D, 0.4), 3 * D, D)
                .input(Samples.normal(13, 3 * D, 0.4), 3 * D)
                .input(Samples.normal(14, D * D, 0.4), D, D)
                .input(Samples.normal(15, D, 0.4), D);
        check.fp32();
        // Norm, qkv, scaled queries, scores, masked scores, shares, sums, projection, residual.
        check.low(9);
    }

    private static KernelCheck.RoundTrip record(NDManager scope, NDList in, int heads, AttentionForm form) {
        NDList weights = new NDList(in.subList(1, 7));
        AttentionKernels.Recorded recorded = AttentionKernels.record(scope, in.get(0), weights, heads, form);
        return new KernelCheck.RoundTrip() {
            @Override
            public NDArray output() {
                return recorded.yBLD();
            }

            @Override
            public NDList backward(NDManager owner, NDArray grad, Accumulators into) {
                return new NDList(recorded.backward(owner, grad, weights, into));
            }
        };
    }

    static Stream<AttentionForm> shippedForms() {
        return Arrays.stream(NamedAttention.values()).map(NamedAttention::form);
    }

    /** Several blocks, the last of them short, and more tokens than one tile of the fused kernel. */
    @ParameterizedTest
    @MethodSource("shippedForms")
    void attentionOverManyBlocksMatchesTheLoop(AttentionForm form) {
        int length = 600;
        double[] x = Samples.normal(16, length * D, 1);
        List<double[]> weights = List.of(
                Samples.normal(10, D, 1, 0.3),
                Samples.normal(11, D, 0.3),
                Samples.normal(12, 3 * D * D, 1),
                Samples.normal(13, 3 * D, 0.4),
                Samples.normal(14, D * D, 0.4),
                Samples.normal(15, D, 0.4));
        try (NDManager scope = NDManager.newBaseManager()) {
            NDList arrays = new NDList();
            weights.forEach(w -> arrays.add(scope.create(Samples.floats(w))));
            arrays.set(2, arrays.get(2).reshape(3 * D, D));
            arrays.set(4, arrays.get(4).reshape(D, D));
            NDArray xBLD = scope.create(Samples.floats(x), new Shape(1, length, D));
            double[] expected = NaiveLayers.attention(x, weights, 2, length);
            NDArray y = AttentionKernels.run(scope, xBLD, arrays, 2, form);
            KernelCheck.assertClose("value", KernelCheck.doubles(scope, y), expected, 2e-5);
            NDArray recorded =
                    AttentionKernels.record(scope, xBLD, arrays, 2, form).yBLD();
            assertThat(recorded.toFloatArray()).isEqualTo(y.toFloatArray());
        }
    }

    /** The forms differ in the order of their sums only, also backwards and over several blocks. */
    @Test
    void gradientsOfAllFormsAgree() {
        int length = 300;
        try (NDManager scope = NDManager.newBaseManager()) {
            double[] expected = gradient(scope, length, new RecordedAttention());
            for (AttentionForm form : shippedForms().toList()) {
                double tolerance = 1e-5 * Samples.largest(expected);
                KernelCheck.assertClose(form.toString(), gradient(scope, length, form), expected, tolerance);
            }
        }
    }

    private static double[] gradient(NDManager scope, int length, AttentionForm form) {
        NDArray xBLD = KernelCheck.array(scope, Precision.FP32, Samples.normal(1, length * D, 1), 1, length, D);
        NDArray grad = KernelCheck.array(scope, Precision.FP32, Samples.normal(2, length * D, 1), 1, length, D);
        NDList weights = weights(scope, Precision.FP32);
        NDList into = new NDList();
        weights.forEach(weight -> into.add(scope.zeros(weight.getShape())));
        AttentionKernels.Recorded recorded = AttentionKernels.record(scope, xBLD, weights, 2, form);
        recorded.backward(scope, grad, weights, new Accumulators(into, false));
        return KernelCheck.doubles(scope, into.get(2));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void attentionSeesNoLaterToken(AttentionForm form) {
        int length = 6;
        int changed = 3;
        double[] x = Samples.normal(17, length * D, 1);
        try (NDManager scope = NDManager.newBaseManager()) {
            for (Precision precision : Precision.values()) {
                double[] now = x.clone();
                double[] before = attend(scope, precision, now, form);
                for (int d = 0; d < D; d++) {
                    now[changed * D + d] = -2 * now[changed * D + d] + d;
                }
                double[] after = attend(scope, precision, now, form);
                for (int t = 0; t < length; t++) {
                    double[] rowBefore = Arrays.copyOfRange(before, t * D, (t + 1) * D);
                    double[] rowAfter = Arrays.copyOfRange(after, t * D, (t + 1) * D);
                    if (t < changed) {
                        assertThat(rowAfter).isEqualTo(rowBefore);
                    } else {
                        assertThat(rowAfter).isNotEqualTo(rowBefore);
                    }
                }
            }
        }
    }

    private static NDList weights(NDManager scope, Precision precision) {
        return new NDList(
                KernelCheck.array(scope, Precision.FP32, Samples.normal(10, D, 1, 0.3), D),
                KernelCheck.array(scope, Precision.FP32, Samples.normal(11, D, 0.3), D),
                KernelCheck.array(scope, precision, Samples.normal(12, 3 * D * D, 0.3), 3 * D, D),
                KernelCheck.array(scope, precision, Samples.normal(13, 3 * D, 1), 3 * D),
                KernelCheck.array(scope, precision, Samples.normal(14, D * D, 1), D, D),
                KernelCheck.array(scope, precision, Samples.normal(15, D, 1), D));
    }

    private static double[] attend(NDManager scope, Precision precision, double[] x, AttentionForm form) {
        NDArray xBLD = KernelCheck.array(scope, precision, x, 1, x.length / D, D);
        return KernelCheck.doubles(scope, AttentionKernels.run(scope, xBLD, weights(scope, precision), 2, form));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void sameInputSameBits(AttentionForm form) {
        double[] x = Samples.normal(34, 64 * D, 1);
        try (NDManager scope = NDManager.newBaseManager()) {
            for (Precision precision : Precision.values()) {
                assertThat(attend(scope, precision, x, form)).isEqualTo(attend(scope, precision, x, form));
            }
        }
    }

    @Test
    void blocksHaveAtLeastOneQuery() {
        assertThatIllegalArgumentException().isThrownBy(() -> new BlockCausalAttention(0));
    }
}
