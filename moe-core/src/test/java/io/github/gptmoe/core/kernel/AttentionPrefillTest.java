package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.naive.NaiveLayers;
import io.github.gptmoe.core.naive.Samples;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Inference only: the caches are written in place, so there is no gradient to check. */
class AttentionPrefillTest {
    private static final int B = 2;
    private static final int L = 7;
    private static final int D = 8;
    private static final int S = 9;
    private static final int ROWS = 4;
    private static final int FIRST_ROW = 1;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @ParameterizedTest
    @CsvSource({"FP32, 2", "FP32, 4", "FP32, 1", "BF16, 2", "BF16, 4", "FP16, 2", "FP16, 4"})
    void outputsAreThoseOfTheWholeAndTheCacheHoldsKeysAndValuesByHead(Precision precision, int heads) {
        double[] x = rounded(precision, Samples.normal(1, B * L * D, 1));
        List<double[]> w = weights(precision);
        double[] expected = NaiveLayers.attention(x, w, heads, L);
        double[] qkv = NaiveLayers.linear(NaiveLayers.layerNorm(x, w.get(0), w.get(1)), w.get(2), w.get(3));
        try (NDManager scope = NDManager.newBaseManager()) {
            // What is beyond the new tokens, and rows of other sequences, must be neither read nor written.
            NDArray keys = garbage(scope, precision, heads);
            NDArray values = garbage(scope, precision, heads);
            NDArray y = AttentionKernels.prefill(
                    scope,
                    KernelCheck.array(scope, precision, x, B, L, D),
                    arrays(scope, precision, w),
                    heads,
                    new BlockCausalAttention(4),
                    new AttentionKernels.CacheRows(keys, values, FIRST_ROW));
            // Nine roundings on the way to an output; two, of the norm and of the product, on that to the cache.
            KernelCheck.assertClose("y", KernelCheck.doubles(scope, y), expected, tolerance(precision, 9, expected));
            double cached = tolerance(precision, 2, qkv);
            KernelCheck.assertClose("keys", used(scope, keys, heads), part(qkv, 1), cached);
            KernelCheck.assertClose("values", used(scope, values, heads), part(qkv, 2), cached);
        }
    }

    private static double tolerance(Precision precision, int roundings, double[] expected) {
        return (precision == Precision.FP32 ? 1e-5 : roundings * KernelCheck.rounding(precision))
                * Math.max(1, Samples.largest(expected));
    }

    /** The new tokens of a cache as (B, L, D); all others are checked to be as they were. */
    private static double[] used(NDManager scope, NDArray cacheBHSD, int heads) {
        double[] cache = KernelCheck.doubles(scope, cacheBHSD);
        double[] used = new double[B * L * D];
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < D; column++) {
                int head = column / (D / heads);
                for (int t = 0; t < S; t++) {
                    double value = cache[((row * heads + head) * S + t) * (D / heads) + column % (D / heads)];
                    if (t < L && row >= FIRST_ROW && row < FIRST_ROW + B) {
                        used[((row - FIRST_ROW) * L + t) * D + column] = value;
                    } else {
                        assertThat(value).as("row %d, token %d", row, t).isNaN();
                    }
                }
            }
        }
        return used;
    }

    /** Queries, keys or values out of all three of each token. */
    private static double[] part(double[] qkv, int which) {
        double[] part = new double[B * L * D];
        for (int token = 0; token < B * L; token++) {
            System.arraycopy(qkv, (3 * token + which) * D, part, token * D, D);
        }
        return part;
    }

    private static NDArray garbage(NDManager scope, Precision precision, int heads) {
        return precision.cast(scope, scope.full(new Shape(ROWS, heads, S, D / heads), Float.NaN));
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
        return KernelCheck.rounded(precision, values);
    }
}
