package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.naive.NaiveLayers;
import io.github.gptmoe.core.naive.Samples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Against float64 loops. Inference only: there is no gradient to check. */
class DecodeKernelsTest {
    private static final int D = 8;
    private static final int F = 32;
    private static final int HEADS = 2;
    private static final int S = 9;
    private static final int E = 3;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    /** Sequences that begin at different times: at step t those with offset <= t get their token t - offset. */
    @ParameterizedTest
    @CsvSource({"FP32, 1", "FP32, 3", "FP32, 8", "BF16, 1", "BF16, 3", "BF16, 8", "FP16, 1", "FP16, 3", "FP16, 8"})
    void sequencesOfUnequalLengthAttendToThemselvesAlone(Precision precision, int sequences) {
        List<double[]> weights = attentionWeights(precision);
        List<double[]> x = new ArrayList<>();
        List<double[]> expected = new ArrayList<>();
        for (int b = 0; b < sequences; b++) {
            x.add(rounded(precision, Samples.normal(40 + b, S * D, 1)));
            expected.add(NaiveLayers.attention(x.get(b), weights, HEADS, S));
        }
        double largest = expected.stream().mapToDouble(Samples::largest).max().orElseThrow();
        // Nine roundings on the way, as in attention without a cache.
        double tolerance =
                (precision == Precision.FP32 ? 1e-5 : 9 * KernelCheck.rounding(precision)) * Math.max(1, largest);
        try (NDManager scope = NDManager.newBaseManager()) {
            NDList arrays =
                    arrays(scope, precision, weights, new long[][] {{D}, {D}, {3 * D, D}, {3 * D}, {D, D}, {D}});
            // One row more than there are sequences, and tokens of an earlier user of the rows.
            NDArray keys = precision.cast(scope, scope.full(new Shape(sequences + 1, HEADS, S, D / HEADS), 7f));
            NDArray values = precision.cast(scope, scope.full(new Shape(sequences + 1, HEADS, S, D / HEADS), 7f));
            long[] lengths = new long[sequences];
            for (int round = 0; round < 5; round++) {
                // Sequence b takes its first tokens one at a time, too, so that lengths differ by then.
                for (int b = 0; round == 0 && b < sequences; b++) {
                    for (int early = 0; early < b % 4; early++) {
                        step(scope, precision, arrays, x, lengths, keys, values, expected, tolerance, b + 1);
                        for (int later = 0; later < b; later++) {
                            lengths[later]--; // only the last of them keeps its token
                        }
                    }
                }
                step(scope, precision, arrays, x, lengths, keys, values, expected, tolerance, sequences);
            }
            assertThat(Arrays.stream(lengths).max().orElseThrow()).isLessThanOrEqualTo(S);
            float[] untouched =
                    Precision.FP32.cast(scope, keys).get("" + sequences).toFloatArray();
            assertThat(untouched).containsOnly(7f);
        }
    }

    private static void step(
            NDManager scope,
            Precision precision,
            NDList arrays,
            List<double[]> x,
            long[] lengths,
            NDArray keys,
            NDArray values,
            List<double[]> expected,
            double tolerance,
            int live) {
        double[] tokens = new double[live * D];
        double[] outputs = new double[live * D];
        for (int b = 0; b < live; b++) {
            System.arraycopy(x.get(b), (int) lengths[b] * D, tokens, b * D, D);
            System.arraycopy(expected.get(b), (int) lengths[b] * D, outputs, b * D, D);
        }
        int[] before =
                Arrays.stream(lengths).limit(live).mapToInt(Math::toIntExact).toArray();
        DecodeKernels.Places places = DecodeKernels.places(
                scope, before, HEADS, Math.toIntExact(keys.getShape().get(2)));
        NDArray y = DecodeKernels.attention(
                scope, KernelCheck.array(scope, precision, tokens, live, D), arrays, HEADS, places, keys, values);
        KernelCheck.assertClose(
                "lengths " + Arrays.toString(lengths), KernelCheck.doubles(scope, y), outputs, tolerance);
        for (int b = 0; b < live; b++) {
            lengths[b]++;
        }
    }

    /** Caches are read in pieces of 64 tokens, here up to one, two, three of them and the whole capacity. */
    @ParameterizedTest
    @EnumSource(Precision.class)
    void longSequencesAttendToAllOfThemselves(Precision precision) {
        int capacity = 200;
        int steps = 73;
        long[] lengths = {60, 62, 127};
        List<double[]> weights = attentionWeights(precision);
        List<double[]> x = new ArrayList<>();
        List<double[]> expected = new ArrayList<>();
        try (NDManager scope = NDManager.newBaseManager()) {
            NDList arrays =
                    arrays(scope, precision, weights, new long[][] {{D}, {D}, {3 * D, D}, {3 * D}, {D, D}, {D}});
            Shape shape = new Shape(lengths.length, HEADS, capacity, D / HEADS);
            NDArray keys = precision.cast(scope, scope.full(shape, 7f));
            NDArray values = precision.cast(scope, scope.full(shape, 7f));
            for (int b = 0; b < lengths.length; b++) {
                x.add(rounded(precision, Samples.normal(40 + b, capacity * D, 1)));
                expected.add(NaiveLayers.attention(x.get(b), weights, HEADS, capacity));
                int begun = (int) lengths[b];
                double[] beginning = Arrays.copyOf(x.get(b), begun * D);
                AttentionKernels.prefill(
                        scope,
                        KernelCheck.array(scope, precision, beginning, 1, begun, D),
                        arrays,
                        HEADS,
                        new BlockCausalAttention(begun),
                        new AttentionKernels.CacheRows(keys, values, b));
            }
            double largest =
                    expected.stream().mapToDouble(Samples::largest).max().orElseThrow();
            double tolerance =
                    (precision == Precision.FP32 ? 1e-5 : 9 * KernelCheck.rounding(precision)) * Math.max(1, largest);
            for (int i = 0; i < steps; i++) {
                step(scope, precision, arrays, x, lengths, keys, values, expected, tolerance, lengths.length);
            }
            assertThat(lengths).containsExactly(133, 135, capacity);
        }
    }

    /** Beyond a few rows the products take another way. */
    @ParameterizedTest
    @CsvSource({"FP32, 1", "FP32, 2", "FP32, 16", "FP32, 17", "BF16, 1", "BF16, 17", "FP16, 1", "FP16, 17"})
    void feedForwardIsTheDenseBlock(Precision precision, int tokens) {
        double[] x = rounded(precision, Samples.normal(1, tokens * D, 1));
        List<double[]> norm = norm(precision);
        List<double[]> ffn = ffn(precision, 20);
        double[] expected = NaiveLayers.denseBlock(x, norm, ffn);
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray y = DecodeKernels.feedForward(
                    scope,
                    KernelCheck.array(scope, precision, x, tokens, D),
                    arrays(scope, precision, norm, new long[][] {{D}, {D}}),
                    ffnArrays(scope, precision, ffn));
            KernelCheck.assertClose("y", KernelCheck.doubles(scope, y), expected, tolerance(precision, expected));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FP32, '2'",
        "FP32, '1 1 1'",
        "FP32, '2 0 1 1 2 0 1 2'",
        "BF16, '2'",
        "BF16, '2 0 2 0 0 2 2'",
        "FP16, '2'",
        "FP16, '2 0 2 0 0 2 2'",
    })
    void expertsServeTheirTokensAndNoOthers(Precision precision, String ids) {
        long[] chosen = Arrays.stream(ids.split(" ")).mapToLong(Long::parseLong).toArray();
        int tokens = chosen.length;
        double[] x = rounded(precision, Samples.normal(1, tokens * D, 1));
        double[] h = rounded(precision, Samples.normal(2, tokens * D, 1));
        double[] gate = rounded(Precision.BF16, Samples.normal(3, tokens, 0.6, 0.2)); // exact in FP16, too
        List<List<double[]>> experts = new ArrayList<>();
        for (int e = 0; e < E; e++) {
            experts.add(ffn(precision, 100 + 10 * e));
        }
        List<double[]> dense = ffn(precision, 200);
        List<double[]> mix = List.of(
                rounded(precision, Samples.normal(7, 2 * D, 0.5)), rounded(precision, Samples.normal(8, 2, 0.5)));
        double[] branch = NaiveLayers.experts(h, chosen, gate, experts);
        double[] plain = NaiveLayers.add(x, branch);
        double[] mixed = NaiveLayers.residualMix(x, h, branch, NaiveLayers.ffn(h, dense), mix.get(0), mix.get(1));
        try (NDManager scope = NDManager.newBaseManager()) {
            DecodeKernels.Routed routed = new DecodeKernels.Routed(
                    KernelCheck.array(scope, precision, h, tokens, D),
                    scope.create(chosen),
                    scope.create(Samples.floats(gate)));
            DecodeKernels.Dispatch dispatch = dispatch(scope, precision, chosen, experts);
            NDArray xBD = KernelCheck.array(scope, precision, x, tokens, D);
            NDArray y = DecodeKernels.experts(scope, xBD, routed, dispatch, null);
            KernelCheck.assertClose("plain", KernelCheck.doubles(scope, y), plain, tolerance(precision, plain));
            DecodeKernels.DensePath path = new DecodeKernels.DensePath(
                    ffnArrays(scope, precision, dense), arrays(scope, precision, mix, new long[][] {{2, D}, {2}}));
            NDArray z = DecodeKernels.experts(scope, xBD, routed, dispatch, path);
            KernelCheck.assertClose("residual", KernelCheck.doubles(scope, z), mixed, tolerance(precision, mixed));
        }
    }

    private static DecodeKernels.Dispatch dispatch(
            NDManager scope, Precision precision, long[] chosen, List<List<double[]>> experts) {
        long[] order = IntStream.range(0, chosen.length)
                .boxed()
                .sorted((a, b) -> Long.compare(chosen[a], chosen[b]))
                .mapToLong(Integer::longValue)
                .toArray();
        List<Long> counts = new ArrayList<>();
        NDList[] parts = {new NDList(), new NDList(), new NDList(), new NDList()};
        for (int e = 0; e < E; e++) {
            long expert = e;
            long count = Arrays.stream(chosen).filter(id -> id == expert).count();
            if (count > 0) {
                counts.add(count);
                NDList arrays = ffnArrays(scope, precision, experts.get(e));
                for (int part = 0; part < parts.length; part++) {
                    parts[part].add(arrays.get(part));
                }
            }
        }
        return new DecodeKernels.Dispatch(
                scope.create(order),
                scope.create(counts.stream().mapToLong(Long::longValue).toArray()),
                new ExpertWeights(parts[0], parts[1], parts[2], parts[3]));
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void routeIsNormArgmaxAndSoftmax(Precision precision) {
        int tokens = 5;
        double[] x = rounded(precision, Samples.normal(1, tokens * D, 1));
        List<double[]> norm = norm(precision);
        double[] router = Samples.normal(9, E * D, 0.5);
        double[] h = NaiveLayers.layerNorm(x, norm.get(0), norm.get(1));
        double[] seen = rounded(precision, h);
        double[] probabilities = NaiveLayers.softmax(NaiveLayers.product(seen, router, D), E);
        try (NDManager scope = NDManager.newBaseManager()) {
            DecodeKernels.Routed routed = DecodeKernels.route(
                    scope,
                    KernelCheck.array(scope, precision, x, tokens, D),
                    arrays(scope, Precision.FP32, norm, new long[][] {{D}, {D}}),
                    scope.create(Samples.floats(router), new Shape(E, D)));
            KernelCheck.assertClose("h", KernelCheck.doubles(scope, routed.hBD()), h, tolerance(precision, h));
            long[] ids = routed.expertIdsB().toLongArray();
            float[] gates = routed.gateB().toFloatArray();
            for (int t = 0; t < tokens; t++) {
                double[] row = Arrays.copyOfRange(probabilities, t * E, (t + 1) * E);
                assertThat(row[(int) ids[t]]).isEqualTo(Arrays.stream(row).max().orElseThrow());
                assertThat(Math.abs(gates[t] - row[(int) ids[t]]))
                        .isLessThan(precision == Precision.FP32 ? 1e-5 : 1e-2);
            }
        }
    }

    @Test
    void equalLogitsGoToTheFirstExpert() {
        try (NDManager scope = NDManager.newBaseManager()) {
            DecodeKernels.Routed routed = DecodeKernels.route(
                    scope,
                    scope.ones(new Shape(2, D)),
                    new NDList(scope.ones(new Shape(D)), scope.ones(new Shape(D))),
                    scope.ones(new Shape(E, D)));
            assertThat(routed.expertIdsB().toLongArray()).containsOnly(0);
            assertThat(routed.gateB().toFloatArray()).containsOnly(1f / E);
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void embeddingAndLogits(Precision precision) {
        int vocabulary = 11;
        double[] tokens = rounded(precision, Samples.normal(1, vocabulary * D, 1));
        double[] positions = rounded(precision, Samples.normal(2, S * D, 1));
        long[] ids = {4, 10, 0};
        long[] lengths = {8, 0, 3};
        double[] expected = new double[ids.length * D];
        for (int b = 0; b < ids.length; b++) {
            for (int column = 0; column < D; column++) {
                expected[b * D + column] = tokens[(int) ids[b] * D + column] + positions[(int) lengths[b] * D + column];
            }
        }
        List<double[]> norm = norm(precision);
        double[] logits = NaiveLayers.logits(rounded(precision, expected), norm.get(0), norm.get(1), tokens);
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray table = KernelCheck.array(scope, precision, tokens, vocabulary, D);
            NDArray x = DecodeKernels.embed(
                    scope,
                    scope.create(ids),
                    scope.create(lengths),
                    new NDList(table, KernelCheck.array(scope, precision, positions, S, D)));
            KernelCheck.assertClose("x", KernelCheck.doubles(scope, x), expected, tolerance(precision, expected));
            NDList normArrays = arrays(scope, Precision.FP32, norm, new long[][] {{D}, {D}});
            NDArray y = DecodeKernels.logits(
                    scope, x, new HeadKernels.Weights(normArrays.get(0), normArrays.get(1), table));
            assertThat(Precision.of(y)).isEqualTo(Precision.FP32);
            KernelCheck.assertClose("logits", KernelCheck.doubles(scope, y), logits, tolerance(precision, logits));
        }
    }

    @Test
    void rowsMoveAsIfAllAtOnce() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray cache = scope.arange(24f).reshape(new Shape(4, 1, 3, 2));
            float[] before = cache.toFloatArray();
            CacheKernels.move(new NDList(cache), new long[] {1, 0, 0}, new long[] {0, 1, 3}, 2);
            float[] after = cache.toFloatArray();
            int[] sources = {1, 0, 2, 0};
            for (int row = 0; row < 4; row++) {
                for (int i = 0; i < 6; i++) {
                    int from = i < 4 ? sources[row] : row; // two of three tokens
                    assertThat(after[row * 6 + i]).isEqualTo(before[from * 6 + i]);
                }
            }
        }
    }

    /** Norm, up, GELU, down, gate, sums: not more than eight values on the way are rounded. */
    private static double tolerance(Precision precision, double[] expected) {
        return (precision == Precision.FP32 ? 1e-5 : 8 * KernelCheck.rounding(precision))
                * Math.max(1, Samples.largest(expected));
    }

    private static List<double[]> norm(Precision precision) {
        return List.of(
                rounded(precision, Samples.normal(10, D, 1, 0.3)), rounded(precision, Samples.normal(11, D, 0.3)));
    }

    private static List<double[]> ffn(Precision precision, int seed) {
        return List.of(
                rounded(precision, Samples.normal(seed, F * D, 0.3)),
                rounded(precision, Samples.normal(seed + 1, F, 0.3)),
                rounded(precision, Samples.normal(seed + 2, D * F, 0.3)),
                rounded(precision, Samples.normal(seed + 3, D, 0.3)));
    }

    private static NDList ffnArrays(NDManager scope, Precision precision, List<double[]> weights) {
        return arrays(scope, precision, weights, new long[][] {{F, D}, {F}, {D, F}, {D}});
    }

    private static List<double[]> attentionWeights(Precision precision) {
        List<double[]> weights = new ArrayList<>(norm(precision));
        weights.add(rounded(precision, Samples.normal(12, 3 * D * D, 0.4)));
        weights.add(rounded(precision, Samples.normal(13, 3 * D, 0.4)));
        weights.add(rounded(precision, Samples.normal(14, D * D, 0.4)));
        weights.add(rounded(precision, Samples.normal(15, D, 0.4)));
        return weights;
    }

    /** Norm weights stay FP32, as in a model. */
    private static NDList arrays(NDManager scope, Precision precision, List<double[]> weights, long[][] shapes) {
        NDList arrays = new NDList();
        for (int i = 0; i < shapes.length; i++) {
            boolean norm = shapes[0].length == 1 && i < 2;
            arrays.add(KernelCheck.array(scope, norm ? Precision.FP32 : precision, weights.get(i), shapes[i]));
        }
        return arrays;
    }

    private static double[] rounded(Precision precision, double[] values) {
        return KernelCheck.rounded(precision, values);
    }
}
