package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.naive.NaiveLayers;
import io.github.gptmoe.core.naive.Samples;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddingKernelsTest {
    private static final int D = 8;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @Test
    void embedAddsTokenAndPositionRows() {
        long[] ids = {4, 0, 4, 1, 1, 3};
        KernelCheck check = new KernelCheck(
                        (scope, in) ->
                                EmbeddingKernels.embed(scope, scope.create(ids, new Shape(2, 3)), in.get(0), in.get(1)),
                        in -> NaiveLayers.embed(ids, 3, in.get(0), in.get(1), D))
                .input(Samples.normal(1, 5 * D, 1), 5, D)
                .input(Samples.normal(2, 6 * D, 1), 6, D);
        check.fp32();
        // One sum; in backward each gradient row is a sum of up to four terms.
        check.low(2);
    }

    @Test
    void embedRefusesAnIdBeyondTheTable() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray idsBL = scope.create(new long[] {0, 5}, new Shape(1, 2));
            assertThatThrownBy(() -> EmbeddingKernels.embed(
                            scope, idsBL, scope.zeros(new Shape(5, D)), scope.zeros(new Shape(4, D))))
                    .isInstanceOf(EngineException.class);
        }
    }

    /** The embedding is linear, so its gradient is a sum over the places where a row is used: exact, no differences. */
    @ParameterizedTest
    @CsvSource({
        "FP32, FP32, true",
        "BF16, FP32, true",
        "BF16, BF16, true",
        "FP32, FP32, false",
        "BF16, BF16, false",
        "FP16, FP32, true",
        "FP16, FP16, true",
        "FP16, FP16, false",
    })
    void embedBackwardAddsToTheRowsThatWereRead(Precision gradients, Precision accumulators, boolean add) {
        long[] ids = {4, 0, 4, 1, 4, 3};
        double[] gradient = Samples.roundToBf16(Samples.normal(3, 6 * D, 1));
        double[] tokens = Samples.roundToBf16(Samples.normal(4, 5 * D, 1));
        double[] positions = Samples.roundToBf16(Samples.normal(5, 4 * D, 1));
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray intoTokens = KernelCheck.array(scope, accumulators, tokens, 5, D);
            NDArray intoPositions = KernelCheck.array(scope, accumulators, positions, 4, D);
            EmbeddingKernels.embedBackward(
                    scope.create(ids, new Shape(2, 3)),
                    KernelCheck.array(scope, gradients, gradient, 2, 3, D),
                    new Accumulators(new NDList(intoTokens, intoPositions), add));
            if (!add) {
                // The head has been at the token table before, so that one is added to all the same.
                Arrays.fill(positions, 0);
            }
            for (int t = 0; t < ids.length; t++) {
                for (int d = 0; d < D; d++) {
                    tokens[(int) ids[t] * D + d] += gradient[t * D + d];
                    positions[t % 3 * D + d] += gradient[t * D + d];
                }
            }
            // Row 4 is added to three times; each sum in a low accumulator is rounded.
            double tolerance = accumulators == Precision.FP32 ? 1e-6 : 3 * KernelCheck.rounding(accumulators) * 4;
            KernelCheck.assertClose("tokens", KernelCheck.doubles(scope, intoTokens), tokens, tolerance);
            KernelCheck.assertClose("positions", KernelCheck.doubles(scope, intoPositions), positions, tolerance);
        }
    }
}
