package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.naive.NaiveLayers;
import io.github.gptmoe.core.naive.Samples;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerKernelsTest {
    private static final int D = 8;
    private static final int F = 12;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void embedAddsTokenAndPositionRows(int start) {
        long[] ids = {4, 0, 4, 1, 1, 3};
        KernelCheck check = new KernelCheck(
                        (scope, in) -> LayerKernels.embed(
                                scope, scope.create(ids, new Shape(2, 3)), in.get(0), in.get(1), start),
                        in -> NaiveLayers.embed(ids, 3, in.get(0), in.get(1), D, start))
                .input(Samples.normal(1, 5 * D, 1), 5, D)
                .input(Samples.normal(2, 6 * D, 1), 6, D);
        check.fp32();
        // One sum; in backward each gradient row is a sum of up to four terms.
        check.bf16(2);
    }

    @Test
    void embedRefusesAnIdBeyondTheTable() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray idsBL = scope.create(new long[] {0, 5}, new Shape(1, 2));
            assertThatThrownBy(() -> LayerKernels.embed(
                            scope, idsBL, scope.zeros(new Shape(5, D)), scope.zeros(new Shape(4, D)), 0))
                    .isInstanceOf(EngineException.class);
        }
    }

    /** The embedding is linear, so its gradient is a sum over the places where a row is used: exact, no differences. */
    @ParameterizedTest
    @CsvSource({"FP32, FP32", "BF16, FP32", "BF16, BF16"})
    void embedBackwardAddsToTheRowsThatWereRead(Precision gradients, Precision accumulators) {
        long[] ids = {4, 0, 4, 1, 4, 3};
        double[] gradient = Samples.roundToBf16(Samples.normal(3, 6 * D, 1));
        double[] tokens = Samples.roundToBf16(Samples.normal(4, 5 * D, 1));
        double[] positions = Samples.roundToBf16(Samples.normal(5, 4 * D, 1));
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray intoTokens = KernelCheck.array(scope, accumulators, tokens, 5, D);
            NDArray intoPositions = KernelCheck.array(scope, accumulators, positions, 4, D);
            LayerKernels.embedBackward(
                    scope.create(ids, new Shape(2, 3)),
                    KernelCheck.array(scope, gradients, gradient, 2, 3, D),
                    intoTokens,
                    intoPositions);
            for (int t = 0; t < ids.length; t++) {
                for (int d = 0; d < D; d++) {
                    tokens[(int) ids[t] * D + d] += gradient[t * D + d];
                    positions[t % 3 * D + d] += gradient[t * D + d];
                }
            }
            // Row 4 is added to three times; each sum in a BF16 accumulator is off by at most 2^-8 of its size.
            double tolerance = accumulators == Precision.FP32 ? 1e-6 : 3 * KernelCheck.BF16_ROUNDING * 4;
            KernelCheck.assertClose("tokens", KernelCheck.doubles(scope, intoTokens), tokens, tolerance);
            KernelCheck.assertClose("positions", KernelCheck.doubles(scope, intoPositions), positions, tolerance);
        }
    }

    @Test
    void layerNormMatchesTheLoop() {
        KernelCheck check = new KernelCheck(
                        (scope, in) -> LayerKernels.layerNorm(scope, in.get(0), new NDList(in.get(1), in.get(2))),
                        in -> NaiveLayers.layerNorm(in.get(0), in.get(1), in.get(2)))
                .input(Samples.normal(6, 2 * 3 * D, 3, 2), 2, 3, D)
                .input(Samples.normal(7, D, 1, 0.3), D)
                .input(Samples.normal(8, D, 0.3), D);
        check.fp32();
        // Statistics are FP32 inside: only the result is rounded.
        check.bf16(1);
    }

    @Test
    void layerNormOfAConstantRowIsItsBias() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray y = LayerKernels.layerNorm(
                    scope,
                    scope.full(new Shape(1, 4), 7f),
                    new NDList(scope.ones(new Shape(4)), scope.create(new float[] {1, 2, 3, 4})));
            assertThat(y.toFloatArray()).containsExactly(1, 2, 3, 4);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 5, 1, false", "2, 4, 2, false", "2, 1, 4, false", "1, 5, 1, true", "2, 4, 2, true", "2, 1, 4, true"
    })
    void attentionMatchesTheLoop(int batch, int length, int heads, boolean fused) {
        KernelCheck check = new KernelCheck(
                        (scope, in) -> LayerKernels.attention(scope, in.get(0), tail(in), heads, fused),
                        in -> NaiveLayers.attention(in.get(0), in.subList(1, 7), heads, length))
                .input(Samples.normal(9, batch * length * D, 1), batch, length, D);
        attentionWeights(check);
        check.fp32();
        // Norm, qkv, scaled queries, scores, masked scores, shares, sums, projection, residual.
        check.bf16(9);
    }

    private static void attentionWeights(KernelCheck check) {
        check.input(Samples.normal(10, D, 1, 0.3), D)
                .input(Samples.normal(11, D, 0.3), D)
                .input(Samples.normal(12, 3 * D * D, 0.4), 3 * D, D)
                .input(Samples.normal(13, 3 * D, 0.4), 3 * D)
                .input(Samples.normal(14, D * D, 0.4), D, D)
                .input(Samples.normal(15, D, 0.4), D);
    }

    /** With more tokens than one tile of the fused kernel, whose running softmax then has to be rescaled. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void attentionOverManyTilesMatchesTheLoop(boolean fused) {
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
            NDArray y = LayerKernels.attention(
                    scope, scope.create(Samples.floats(x), new Shape(1, length, D)), arrays, 2, fused);
            KernelCheck.assertClose(
                    "value", KernelCheck.doubles(scope, y), NaiveLayers.attention(x, weights, 2, length), 2e-5);
        }
    }

    @ParameterizedTest
    @CsvSource({"FP32, false", "FP32, true", "BF16, false", "BF16, true"})
    void attentionSeesNoLaterToken(Precision precision, boolean fused) {
        int length = 6;
        int changed = 3;
        double[] x = Samples.normal(17, length * D, 1);
        try (NDManager scope = NDManager.newBaseManager()) {
            double[] before = attend(scope, precision, x, fused);
            for (int d = 0; d < D; d++) {
                x[changed * D + d] = -2 * x[changed * D + d] + d;
            }
            double[] after = attend(scope, precision, x, fused);
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

    private static double[] attend(NDManager scope, Precision precision, double[] x, boolean fused) {
        NDList weights = new NDList(
                KernelCheck.array(scope, precision, Samples.normal(10, D, 1, 0.3), D),
                KernelCheck.array(scope, precision, Samples.normal(11, D, 0.3), D),
                KernelCheck.array(scope, precision, Samples.normal(12, 3 * D * D, 0.3), 3 * D, D),
                KernelCheck.array(scope, precision, Samples.normal(13, 3 * D, 1), 3 * D),
                KernelCheck.array(scope, precision, Samples.normal(14, D * D, 1), D, D),
                KernelCheck.array(scope, precision, Samples.normal(15, D, 1), D));
        NDArray xBLD = KernelCheck.array(scope, precision, x, 1, x.length / D, D);
        return KernelCheck.doubles(scope, LayerKernels.attention(scope, xBLD, weights, 2, fused));
    }

    @Test
    void ffnMatchesTheLoop() {
        KernelCheck check = new KernelCheck(
                        (scope, in) -> LayerKernels.ffn(scope, in.get(0), tail(in)),
                        in -> NaiveLayers.ffn(in.get(0), in.subList(1, 5)))
                .input(Samples.normal(18, 5 * D, 1), 5, D);
        ffnWeights(check);
        check.fp32();
        // Up, GELU, down.
        check.bf16(3);
    }

    @Test
    void denseBlockMatchesTheLoop() {
        KernelCheck check = new KernelCheck(
                        (scope, in) -> LayerKernels.denseBlock(
                                scope, in.get(0), new NDList(in.get(1), in.get(2)), new NDList(in.subList(3, 7))),
                        in -> NaiveLayers.denseBlock(in.get(0), in.subList(1, 3), in.subList(3, 7)))
                .input(Samples.normal(19, 2 * 3 * D, 1), 2, 3, D)
                .input(Samples.normal(20, D, 1, 0.3), D)
                .input(Samples.normal(21, D, 0.3), D);
        ffnWeights(check);
        check.fp32();
        // Norm, up, GELU, down, residual.
        check.bf16(5);
    }

    private static void ffnWeights(KernelCheck check) {
        check.input(Samples.normal(22, F * D, 0.4), F, D)
                .input(Samples.normal(23, F, 0.4), F)
                .input(Samples.normal(24, D * F, 0.4), D, F)
                .input(Samples.normal(25, D, 0.4), D);
    }

    @Test
    void addReshapedAddsAFlatBranch() {
        KernelCheck check = new KernelCheck(
                        (scope, in) -> LayerKernels.addReshaped(scope, in.get(0), in.get(1)),
                        in -> NaiveLayers.add(in.get(0), in.get(1)))
                .input(Samples.normal(26, 2 * 3 * D, 1), 2, 3, D)
                .input(Samples.normal(27, 2 * 3 * D, 1), 6, D);
        check.fp32();
        check.bf16(1);
    }

    @Test
    void residualMixWeighsTheTwoWaysOfEachToken() {
        KernelCheck check = new KernelCheck(
                        (scope, in) -> LayerKernels.residualMix(
                                scope, in.get(0), in.get(1), in.get(2), in.get(3), new NDList(in.get(4), in.get(5))),
                        in -> NaiveLayers.residualMix(in.get(0), in.get(1), in.get(2), in.get(3), in.get(4), in.get(5)))
                .input(Samples.normal(28, 2 * 3 * D, 1), 2, 3, D)
                .input(Samples.normal(29, 6 * D, 1), 6, D)
                .input(Samples.normal(30, 6 * D, 1), 6, D)
                .input(Samples.normal(31, 6 * D, 1), 6, D)
                .input(Samples.normal(32, 2 * D, 0.5), 2, D)
                .input(Samples.normal(33, 2, 0.5), 2);
        check.fp32();
        // Shares, two products, their sum, residual.
        check.bf16(5);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void sameInputSameBits(Precision precision) {
        double[] x = Samples.normal(34, 64 * D, 1);
        try (NDManager scope = NDManager.newBaseManager()) {
            assertThat(attend(scope, precision, x, true)).isEqualTo(attend(scope, precision, x, true));
            assertThat(attend(scope, precision, x, false)).isEqualTo(attend(scope, precision, x, false));
        }
    }

    private static NDList tail(NDList inputs) {
        return new NDList(inputs.subList(1, inputs.size()));
    }
}
