package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.naive.NaiveLayers;
import io.github.gptmoe.core.naive.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ExpertKernelsTest {
    private static final int D = 6;
    private static final int F = 8;
    private static final int E = 3;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    static Stream<Named<long[]>> assignments() {
        return Stream.of(
                Named.of("mixed, unsorted", new long[] {2, 0, 1, 1, 2, 0, 1}),
                Named.of("some dropped", new long[] {3, 0, 2, 3, 1, 1, 3}),
                Named.of("one idle expert", new long[] {2, 0, 2, 0, 0, 2, 2}),
                Named.of("one idle expert, some dropped", new long[] {1, 3, 2, 1, 3, 2, 1}),
                Named.of("all on the first", new long[] {0, 0, 0, 0, 0, 0, 0}),
                Named.of("all on the last", new long[] {2, 2, 2, 2, 2, 2, 2}),
                Named.of("one on the last, others dropped", new long[] {3, 3, 3, 2, 3, 3, 3}),
                Named.of("all dropped", new long[] {3, 3, 3, 3, 3, 3, 3}),
                Named.of("a single token", new long[] {1}));
    }

    @ParameterizedTest
    @MethodSource("assignments")
    void valuesAndGradientsMatchTheLoop(long[] ids) {
        KernelCheck check = new KernelCheck(
                        2,
                        (scope, in) -> record(scope, in, ids),
                        in -> NaiveLayers.experts(in.get(0), ids, in.get(1), naiveWeights(in)))
                .input(Samples.normal(1, ids.length * D, 1), ids.length, D)
                // Routers give FP32 gates whatever the precision of the activations.
                .fp32Input(Samples.normal(2, ids.length, 0.6, 0.2), ids.length);
        for (int e = 0; e < E; e++) {
            check.input(Samples.normal(10 + e, F * D, 0.4), F, D)
                    .input(Samples.normal(20 + e, F, 0.4), F)
                    .input(Samples.normal(30 + e, D * F, 0.4), D, F)
                    .input(Samples.normal(40 + e, D, 0.4), D);
        }
        check.fp32();
        // Up, GELU, down, the gate's cast, the product.
        check.low(5);
    }

    private static KernelCheck.RoundTrip record(NDManager scope, NDList in, long[] ids) {
        ExpertWeights weights = weights(in.subNDList(2));
        ExpertKernels.Recorded recorded = ExpertKernels.run(scope, in.get(0), scope.create(ids), in.get(1), weights);
        return new KernelCheck.RoundTrip() {
            @Override
            public NDArray output() {
                return recorded.yTD();
            }

            @Override
            public NDList backward(NDManager owner, NDArray grad, Accumulators into) {
                ExpertKernels.InputGrads grads =
                        ExpertKernels.backward(owner, recorded, grad, weights, weights(into.arrays()), into.add());
                return new NDList(grads.hTD(), grads.gateT());
            }
        };
    }

    private static ExpertWeights weights(NDList parameters) {
        NDList[] parts = {new NDList(), new NDList(), new NDList(), new NDList()};
        for (int i = 0; i < parameters.size(); i++) {
            parts[i % 4].add(parameters.get(i));
        }
        return new ExpertWeights(parts[0], parts[1], parts[2], parts[3]);
    }

    private static List<List<double[]>> naiveWeights(List<double[]> inputs) {
        List<List<double[]>> experts = new ArrayList<>();
        for (int i = 2; i < inputs.size(); i += 4) {
            experts.add(inputs.subList(i, i + 4));
        }
        return experts;
    }

    /** Beyond 128 tokens an expert's rows are filled up in ever larger steps; FP32 has no filling. */
    @ParameterizedTest
    @EnumSource(names = {"BF16", "FP16"})
    void filledUpRowsChangeNothing(Precision precision) {
        int[] loads = {129, 300, 600, 20};
        long[] ids = IntStream.range(0, loads.length)
                .flatMap(e -> IntStream.range(0, loads[e]).map(i -> e))
                .mapToLong(e -> e)
                .toArray();
        // Every token in a place of its own that has nothing to do with its expert.
        long[] mixed = new long[ids.length];
        for (int t = 0; t < ids.length; t++) {
            mixed[(int) (t * 388L % ids.length)] = ids[t];
        }
        List<double[]> exact = new ArrayList<>();
        List<double[]> rounded = new ArrayList<>();
        try (NDManager scope = NDManager.newBaseManager()) {
            roundTrip(scope, Precision.FP32, mixed, exact);
            roundTrip(scope, precision, mixed, rounded);
        }
        for (int i = 0; i < exact.size(); i++) {
            // Up, GELU, down, gate and product each round the largest value at most. Inputs are exact in both.
            double tolerance = 5 * KernelCheck.rounding(precision) * Samples.largest(exact.get(i));
            KernelCheck.assertClose("array " + i, rounded.get(i), exact.get(i), tolerance);
        }
    }

    private static void roundTrip(NDManager scope, Precision precision, long[] ids, List<double[]> into) {
        int tokens = ids.length;
        NDList parameters = new NDList();
        NDList accumulators = new NDList();
        for (int e = 0; e < E; e++) {
            long[][] shapes = {{F, D}, {F}, {D, F}, {D}};
            for (int i = 0; i < shapes.length; i++) {
                int size = (int) new Shape(shapes[i]).size();
                double[] value = Samples.roundToBf16(Samples.normal(10 * e + i, size, 0.4));
                parameters.add(KernelCheck.array(scope, precision, value, shapes[i]));
                accumulators.add(KernelCheck.array(scope, precision, new double[size], shapes[i]));
            }
        }
        NDArray hTD =
                KernelCheck.array(scope, precision, Samples.roundToBf16(Samples.normal(1, tokens * D, 1)), tokens, D);
        NDArray gateT = scope.create(Samples.floats(Samples.normal(2, tokens, 0.6, 0.2)));
        NDArray gradTD =
                KernelCheck.array(scope, precision, Samples.roundToBf16(Samples.normal(3, tokens * D, 1)), tokens, D);
        ExpertKernels.Recorded recorded = ExpertKernels.run(scope, hTD, scope.create(ids), gateT, weights(parameters));
        ExpertKernels.InputGrads grads =
                ExpertKernels.backward(scope, recorded, gradTD, weights(parameters), weights(accumulators), false);
        into.add(KernelCheck.doubles(scope, recorded.yTD()));
        into.add(KernelCheck.doubles(scope, grads.hTD()));
        into.add(KernelCheck.doubles(scope, grads.gateT()));
        accumulators.forEach(array -> into.add(KernelCheck.doubles(scope, array)));
    }

    /** The down bias of an expert must not reach a token that visits none. */
    @Test
    void aDroppedTokenGetsExactZerosAndNoGradient() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray hTD = scope.create(Samples.floats(Samples.normal(3, 4 * D, 1)), new Shape(4, D));
            NDArray gateT = scope.ones(new Shape(4));
            NDArray idsT = scope.create(new long[] {0, 3, 1, 3});
            NDList parameters = new NDList();
            NDList accumulators = new NDList();
            for (int e = 0; e < E; e++) {
                for (Shape shape : List.of(new Shape(F, D), new Shape(F), new Shape(D, F), new Shape(D))) {
                    parameters.add(scope.ones(shape));
                    accumulators.add(scope.full(shape, 5f));
                }
            }
            ExpertKernels.Recorded recorded = ExpertKernels.run(scope, hTD, idsT, gateT, weights(parameters));
            ExpertKernels.InputGrads gradients = ExpertKernels.backward(
                    scope, recorded, scope.ones(new Shape(4, D)), weights(parameters), weights(accumulators), true);
            NDArray y = recorded.yTD();
            assertThat(y.get(1).toFloatArray()).containsOnly(0f);
            assertThat(y.get(3).toFloatArray()).containsOnly(0f);
            assertThat(y.get(0).toFloatArray()).doesNotContain(0f);
            assertThat(gradients.hTD().get(1).toFloatArray()).containsOnly(0f);
            assertThat(gradients.gateT().toFloatArray()[3]).isZero();
            // The idle expert keeps its accumulators bit for bit; the busy ones do not.
            for (int i = 0; i < 4; i++) {
                assertThat(accumulators.get(2 * 4 + i).toFloatArray()).containsOnly(5f);
                assertThat(accumulators.get(i).toFloatArray())
                        .isNotEqualTo(
                                scope.full(accumulators.get(i).getShape(), 5f).toFloatArray());
            }
        }
    }
}
