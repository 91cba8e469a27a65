package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

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

/** Inference only: the caches are written in place, so there is no gradient to check. */
class AttentionCachedTest {
    private static final int B = 2;
    private static final int L = 7;
    private static final int D = 8;
    private static final int S = 9;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @ParameterizedTest
    @CsvSource({"FP32, 7, 2", "FP32, 1, 2", "FP32, 3, 4", "FP32, 4, 1", "BF16, 1, 2", "BF16, 3, 2"})
    void piecesOfASequenceGiveTheWholesOutputs(Precision precision, int piece, int heads) {
        double[] x = rounded(precision, Samples.normal(1, B * L * D, 1));
        List<double[]> weights = weights(precision);
        double[] expected = NaiveLayers.attention(x, weights, heads, L);
        // Nine roundings on the way, as in attention without a cache.
        double tolerance = (precision == Precision.FP32 ? 1e-5 : 9 * KernelCheck.BF16_ROUNDING)
                * Math.max(1, Samples.largest(expected));
        try (NDManager scope = NDManager.newBaseManager()) {
            NDList arrays = arrays(scope, precision, weights);
            // What lies beyond the tokens so far must not be read: a NaN would show.
            NDArray keys = garbage(scope, precision, heads);
            NDArray values = garbage(scope, precision, heads);
            for (int start = 0; start < L; start += piece) {
                int end = Math.min(start + piece, L);
                NDArray xBLD = KernelCheck.array(scope, precision, part(x, start, end), B, end - start, D);
                NDArray y = AttentionKernels.cached(scope, xBLD, arrays, heads, start, keys, values);
                KernelCheck.assertClose(
                        "tokens from " + start, KernelCheck.doubles(scope, y), part(expected, start, end), tolerance);
            }
        }
    }

    @Test
    void theCacheHoldsKeysAndValuesByHead() {
        int heads = 2;
        double[] x = Samples.normal(1, B * L * D, 1);
        List<double[]> w = weights(Precision.FP32);
        double[] qkv = NaiveLayers.linear(NaiveLayers.layerNorm(x, w.get(0), w.get(1)), w.get(2), w.get(3));
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray keys = garbage(scope, Precision.FP32, heads);
            NDArray values = garbage(scope, Precision.FP32, heads);
            NDArray xBLD = KernelCheck.array(scope, Precision.FP32, x, B, L, D);
            AttentionKernels.cached(scope, xBLD, arrays(scope, Precision.FP32, w), heads, 0, keys, values);
            float[] actualKeys = keys.toFloatArray();
            float[] actualValues = values.toFloatArray();
            for (int b = 0; b < B; b++) {
                for (int column = 0; column < D; column++) {
                    int head = column / (D / heads);
                    for (int t = 0; t < S; t++) {
                        int at = ((b * heads + head) * S + t) * (D / heads) + column % (D / heads);
                        if (t >= L) {
                            assertThat(actualKeys[at]).isNaN();
                            continue;
                        }
                        int row = (b * L + t) * 3 * D;
                        assertThat(Math.abs(actualKeys[at] - qkv[row + D + column]))
                                .isLessThan(1e-5);
                        assertThat(Math.abs(actualValues[at] - qkv[row + 2 * D + column]))
                                .isLessThan(1e-5);
                    }
                }
            }
        }
    }

    private static NDArray garbage(NDManager scope, Precision precision, int heads) {
        return precision.cast(scope, scope.full(new Shape(B, heads, S, D / heads), Float.NaN));
    }

    private static List<double[]> weights(Precision precision) {
        return List.of(
                rounded(precision, Samples.normal(10, D, 1, 0.3)),
                rounded(precision, Samples.normal(11, D, 0.3)),
                rounded(precision, Samples.normal(12, 3 * D * D, 0.4)),
                rounded(precision, Samples.normal(13, 3 * D, 0.4)),
                rounded(precision, Samples.normal(14, D * D, 0.4)),
                rounded(precision, Samples.normal(15, D, 0.4)));
    }

    private static NDList arrays(NDManager scope, Precision precision, List<double[]> weights) {
        long[][] shapes = {{D}, {D}, {3 * D, D}, {3 * D}, {D, D}, {D}};
        NDList arrays = new NDList();
        for (int i = 0; i < shapes.length; i++) {
            arrays.add(KernelCheck.array(scope, precision, weights.get(i), shapes[i]));
        }
        return arrays;
    }

    private static double[] rounded(Precision precision, double[] values) {
        return precision == Precision.BF16 ? Samples.roundToBf16(values) : values;
    }

    /** Tokens [start, end) of every sequence. */
    private static double[] part(double[] x, int start, int end) {
        double[] part = new double[B * (end - start) * D];
        for (int b = 0; b < B; b++) {
            double[] rows = Arrays.copyOfRange(x, (b * L + start) * D, (b * L + end) * D);
            System.arraycopy(rows, 0, part, b * rows.length, rows.length);
        }
        return part;
    }
}
