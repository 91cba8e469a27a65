package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.naive.FiniteDifferences;
import io.github.gptmoe.core.naive.NaiveLayers;
import io.github.gptmoe.core.naive.Samples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadKernelsTest {
    private static final int B = 2;
    private static final int L = 4;
    private static final int T = B * L;
    private static final int D = 6;
    private static final int V = 11;
    /** A vocabulary that the kernel need not fill up. */
    private static final int EVEN_V = 16;

    /** The last two are equal, so that their gradients fall on one row of the table. */
    private static final long[] TARGETS = {3, 0, 10, 3, 7, 1, 5, 5};

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    private static KernelCheck check(KernelCheck.Kernel kernel, KernelCheck.Naive naive) {
        return new KernelCheck(kernel, naive)
                .input(Samples.normal(1, T * D, 1), B, L, D)
                .fp32Input(Samples.normal(2, D, 1, 0.3), D)
                .fp32Input(Samples.normal(3, D, 0.3), D)
                .input(Samples.normal(4, V * D, 0.6), V, D);
    }

    private static HeadKernels.Weights weights(NDList inputs) {
        return new HeadKernels.Weights(inputs.get(1), inputs.get(2), inputs.get(3));
    }

    private static double[] naiveLogits(List<double[]> in) {
        return NaiveLayers.logits(in.get(0), in.get(1), in.get(2), in.get(3));
    }

    @Test
    void logitsMatchTheLoop() {
        KernelCheck check =
                check((scope, in) -> HeadKernels.logits(scope, in.get(0), weights(in)), HeadKernelsTest::naiveLogits);
        check.fp32();
        // Norm, logits.
        check.low(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, T, T + 5})
    void tokenLossesMatchTheLoopInChunksOfAnySize(int chunk) {
        KernelCheck check = check(
                (scope, in) -> HeadKernels.tokenLosses(
                        scope, in.get(0), weights(in), scope.create(TARGETS, new Shape(B, L)), chunk),
                in -> NaiveLayers.tokenLosses(naiveLogits(in), TARGETS));
        check.fp32();
        // Norm and logits; the two logits that a loss compares are both off.
        check.low(3);
    }

    /** Positions 1, 4 and 7 of the eight; several tokens of one, one of another. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100})
    void logProbabilitiesMatchTheLoopInChunksOfAnySize(int chunk) {
        long[] rows = {1, 4, 7};
        long[] firsts = {0, 3, 4, 6};
        long[] rowOfPair = {0, 0, 0, 1, 2, 2};
        long[] tokens = {0, 3, 10, 7, 3, 4};
        KernelCheck check = check(
                (scope, in) -> HeadKernels.logProbabilities(
                        scope,
                        in.get(0),
                        weights(in),
                        new HeadKernels.Asked(
                                scope.create(rows),
                                scope.create(firsts),
                                scope.create(rowOfPair),
                                scope.create(tokens)),
                        chunk),
                in -> {
                    double[] logits = naiveLogits(in);
                    return IntStream.range(0, tokens.length)
                            .mapToDouble(i -> {
                                int row = (int) rows[(int) rowOfPair[i]];
                                return logits[row * V + (int) tokens[i]] - NaiveLayers.logSumExp(logits, row, V);
                            })
                            .toArray();
                });
        check.fp32();
        // As the token losses.
        check.low(3);
    }

    /** The most probable token by the loop, beside the log-probability of each pair. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 100})
    void bestTokensMatchTheLoopInChunksOfAnySize(int chunk) {
        long[] rows = {1, 4, 7};
        long[] firsts = {0, 3, 4, 6};
        long[] rowOfPair = {0, 0, 0, 1, 2, 2};
        long[] tokens = {0, 3, 10, 7, 3, 4};
        try (NDManager scope = NDManager.newBaseManager()) {
            List<double[]> values = List.of(
                    Samples.normal(1, T * D, 1),
                    Samples.normal(2, D, 1, 0.3),
                    Samples.normal(3, D, 0.3),
                    Samples.normal(4, V * D, 0.6));
            double[] logits = naiveLogits(values);
            HeadKernels.Answers answers = HeadKernels.nextTokens(
                    scope,
                    fp32(scope, values.get(0), B, L, D),
                    new HeadKernels.Weights(
                            fp32(scope, values.get(1), D),
                            fp32(scope, values.get(2), D),
                            fp32(scope, values.get(3), V, D)),
                    new HeadKernels.Asked(
                            scope.create(rows), scope.create(firsts), scope.create(rowOfPair), scope.create(tokens)),
                    chunk);
            float[] logProbabilities = answers.logProbabilitiesP().toFloatArray();
            long[] best = answers.bestP().toLongArray();
            assertThat(best).hasSize(tokens.length);
            for (int i = 0; i < tokens.length; i++) {
                int row = (int) rows[(int) rowOfPair[i]];
                double[] ofRow = Arrays.copyOfRange(logits, row * V, (row + 1) * V);
                int expected = IntStream.range(0, V)
                        .reduce((a, b) -> ofRow[b] > ofRow[a] ? b : a)
                        .orElseThrow();
                assertThat(best[i]).isEqualTo(expected);
                assertThat((double) logProbabilities[i])
                        .isCloseTo(ofRow[(int) tokens[i]] - NaiveLayers.logSumExp(logits, row, V), within(1e-5));
            }
            // Rows with different answers, or the loop above would prove little.
            assertThat(Arrays.stream(best).distinct().count()).isGreaterThan(1);
        }
    }

    private static NDArray fp32(NDManager scope, double[] values, long... shape) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = (float) values[i];
        }
        return scope.create(narrow, new Shape(shape));
    }

    @Test
    void ofEquallyProbableTokensTheLowestIsBest() {
        try (NDManager scope = NDManager.newBaseManager()) {
            HeadKernels.Answers answers = HeadKernels.nextTokens(
                    scope,
                    scope.create(new float[] {1, -1}, new Shape(1, 1, 2)),
                    new HeadKernels.Weights(
                            scope.ones(new Shape(2)),
                            scope.zeros(new Shape(2)),
                            scope.create(new float[] {0, 0, 1, -1, 1, -1, -1, 1}, new Shape(4, 2))),
                    new HeadKernels.Asked(
                            scope.create(new long[] {0}),
                            scope.create(new long[] {0, 1}),
                            scope.create(new long[] {0}),
                            scope.create(new long[] {2})),
                    8);
            assertThat(answers.bestP().toLongArray()).containsExactly(1);
        }
    }

    @Test
    void tokenLossesAreFiniteForHugeLogits() {
        try (NDManager scope = NDManager.newBaseManager()) {
            HeadKernels.Weights weights = new HeadKernels.Weights(
                    scope.ones(new Shape(2)),
                    scope.zeros(new Shape(2)),
                    scope.create(new float[] {1000, -1000, -1000, 1000}, new Shape(2, 2)));
            NDArray xBLD = scope.create(new float[] {1, -1, 1, -1}, new Shape(1, 2, 2));
            NDArray losses =
                    HeadKernels.tokenLosses(scope, xBLD, weights, scope.create(new long[] {0, 1}, new Shape(1, 2)), 1);
            assertThat(losses.toFloatArray()[0]).isZero();
            assertThat(losses.toFloatArray()[1]).isCloseTo(4000f, within(0.1f));
        }
    }

    static Stream<Arguments> backwardCases() {
        List<Arguments> cases = new ArrayList<>();
        for (int chunk : new int[] {1, 3, T, T + 5}) {
            for (boolean add : new boolean[] {true, false}) {
                for (double scale : new double[] {1, 0.25, 1024}) {
                    cases.add(Arguments.of(Precision.FP32, Precision.FP32, V, chunk, scale, add));
                }
                cases.add(Arguments.of(Precision.FP32, Precision.FP32, EVEN_V, chunk, 1.0, add));
                for (Precision low : List.of(Precision.BF16, Precision.FP16)) {
                    cases.add(Arguments.of(low, Precision.FP32, V, chunk, 1.0, add));
                    cases.add(Arguments.of(low, low, V, chunk, 0.25, add));
                    cases.add(Arguments.of(low, low, EVEN_V, chunk, 1.0, add));
                    cases.add(Arguments.of(low, low, EVEN_V, chunk, 1024.0, add));
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("backwardCases")
    void lossAndBackwardMatchTheLoop(
            Precision precision, Precision accumulators, int vocabulary, int chunk, double scale, boolean add) {
        // A token of weight 0 (padding) and unequal others.
        double[] tokenWeights = {0.5, 0, 1, 0.125, 0.25, 2, 1, 0.75};
        List<double[]> values = new ArrayList<>();
        for (double[] value : List.of(
                Samples.normal(1, T * D, 1),
                Samples.normal(2, D, 1, 0.3),
                Samples.normal(3, D, 0.3),
                Samples.normal(4, vocabulary * D, 0.6))) {
            boolean norm = value.length == D;
            values.add(norm ? value : KernelCheck.rounded(precision, value));
        }
        double[] started = add ? new double[] {1.5, -2, 0.25} : new double[3];
        try (NDManager scope = NDManager.newBaseManager()) {
            NDList in = new NDList();
            long[][] shapes = {{B, L, D}, {D}, {D}, {vocabulary, D}};
            for (int i = 0; i < shapes.length; i++) {
                Precision own = shapes[i].length == 1 ? Precision.FP32 : precision;
                in.add(KernelCheck.array(scope, own, values.get(i), shapes[i]));
            }
            NDList into = new NDList();
            for (int i = 0; i < 3; i++) {
                NDArray full = scope.full(new Shape(shapes[i + 1]), add ? (float) started[i] : Float.NaN);
                into.add(accumulators.cast(scope, full));
            }
            HeadKernels.LossAndGrad result = HeadKernels.lossAndBackward(
                    scope,
                    in.get(0),
                    weights(in),
                    scope.create(TARGETS, new Shape(B, L)),
                    scope.create(Samples.floats(tokenWeights)),
                    chunk,
                    scale,
                    new Accumulators(into, add));

            double expected = loss(values, tokenWeights);
            // BF16, FP16: norm and logits are rounded, two logits a loss.
            double lossTolerance = precision == Precision.FP32 ? 1e-5 : 3 * KernelCheck.rounding(precision);
            assertThat(result.loss().toFloatArray()[0] - expected).isCloseTo(0, within(lossTolerance * expected));
            assertThat(Precision.of(result.gradBLD())).isEqualTo(precision);
            assertThat(result.gradBLD().getShape()).isEqualTo(new Shape(B, L, D));
            for (int i = 0; i < 4; i++) {
                double[] gradient = FiniteDifferences.gradient(values.get(i), () -> loss(values, tokenWeights));
                double size = scale * Math.max(1, Samples.largest(gradient));
                double start = i == 0 ? 0 : started[i - 1];
                for (int k = 0; k < gradient.length; k++) {
                    gradient[k] = start + scale * gradient[k];
                }
                double[] actual = KernelCheck.doubles(scope, i == 0 ? result.gradBLD() : into.get(i - 1));
                // Norm, logits, softmax and the gradient of the norm are rounded; an accumulator of the same
                // precision rounds once more what it holds.
                double tolerance = precision == Precision.FP32
                        ? 1e-5 * (size + Math.abs(start))
                        : 4 * KernelCheck.rounding(precision) * size;
                if (accumulators != Precision.FP32 && i > 0) {
                    tolerance += KernelCheck.rounding(accumulators) * (Math.abs(start) + size);
                }
                KernelCheck.assertClose("gradient " + i, actual, gradient, tolerance);
            }
        }
    }

    /** The products take 1,024 tokens at a time; the parts here are shorter than that. */
    @Test
    void theGradientOfALongBatchIsTheSumOfItsParts() {
        int tokens = 2100;
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray xBLD = scope.create(Samples.floats(Samples.normal(1, tokens * D, 1)), new Shape(1, tokens, D));
            NDArray table = scope.create(Samples.floats(Samples.normal(4, V * D, 0.6)), new Shape(V, D));
            HeadKernels.Weights weights =
                    new HeadKernels.Weights(scope.ones(new Shape(D)), scope.zeros(new Shape(D)), table);
            NDArray targets = scope.create(
                    IntStream.range(0, tokens).mapToLong(t -> t % V).toArray(), new Shape(1, tokens));
            NDArray tokenWeights = scope.create(Samples.floats(Samples.normal(5, tokens, 0.2, 1)));
            NDList whole = accumulators(scope);
            HeadKernels.LossAndGrad result = HeadKernels.lossAndBackward(
                    scope, xBLD, weights, targets, tokenWeights, 100, 1, new Accumulators(whole, false));
            NDList sum = accumulators(scope);
            double loss = 0;
            List<double[]> gradients = new ArrayList<>();
            for (int from = 0; from < tokens; from += 700) {
                NDIndex part = new NDIndex(":, {}:{}", from, from + 700);
                HeadKernels.LossAndGrad partial = HeadKernels.lossAndBackward(
                        scope,
                        xBLD.get(part),
                        weights,
                        targets.get(part),
                        tokenWeights.get("{}:{}", from, from + 700),
                        4096,
                        1,
                        new Accumulators(sum, true));
                loss += partial.loss().getFloat();
                gradients.add(KernelCheck.doubles(scope, partial.gradBLD()));
            }
            assertThat((double) result.loss().getFloat()).isCloseTo(loss, within(1e-5 * loss));
            double[] joined = gradients.stream().flatMapToDouble(Arrays::stream).toArray();
            KernelCheck.assertClose("x", KernelCheck.doubles(scope, result.gradBLD()), joined, 1e-6);
            for (int i = 0; i < 3; i++) {
                double[] expected = KernelCheck.doubles(scope, sum.get(i));
                KernelCheck.assertClose(
                        "weight " + i,
                        KernelCheck.doubles(scope, whole.get(i)),
                        expected,
                        1e-5 * Samples.largest(expected));
            }
        }
    }

    private static NDList accumulators(NDManager scope) {
        return new NDList(scope.zeros(new Shape(D)), scope.zeros(new Shape(D)), scope.zeros(new Shape(V, D)));
    }

    private static double loss(List<double[]> values, double[] tokenWeights) {
        return FiniteDifferences.dot(NaiveLayers.tokenLosses(naiveLogits(values), TARGETS), tokenWeights);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void aChunkWithoutTokensIsRefused(int chunk) {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray xBLD = scope.ones(new Shape(1, 2, 2));
            HeadKernels.Weights weights = new HeadKernels.Weights(
                    scope.ones(new Shape(2)), scope.ones(new Shape(2)), scope.ones(new Shape(3, 2)));
            NDArray targetsBL = scope.create(new long[] {0, 1}, new Shape(1, 2));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> HeadKernels.tokenLosses(scope, xBLD, weights, targetsBL, chunk))
                    .withMessageContaining("chunk");
            NDArray tokenWeightsT = scope.ones(new Shape(2));
            HeadKernels.Asked asked = new HeadKernels.Asked(
                    scope.create(new long[] {0}),
                    scope.create(new long[] {0, 1}),
                    scope.create(new long[] {0}),
                    scope.create(new long[] {2}));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> HeadKernels.logProbabilities(scope, xBLD, weights, asked, chunk))
                    .withMessageContaining("chunk");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> HeadKernels.nextTokens(scope, xBLD, weights, asked, chunk))
                    .withMessageContaining("chunk");
            Accumulators into = new Accumulators(
                    new NDList(scope.zeros(new Shape(2)), scope.zeros(new Shape(2)), scope.zeros(new Shape(3, 2))),
                    true);
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            HeadKernels.lossAndBackward(scope, xBLD, weights, targetsBL, tokenWeightsT, chunk, 1, into))
                    .withMessageContaining("chunk");
        }
    }
}
