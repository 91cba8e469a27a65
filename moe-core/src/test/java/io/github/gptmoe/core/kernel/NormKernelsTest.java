package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.naive.NaiveLayers;
import io.github.gptmoe.core.naive.Samples;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NormKernelsTest {
    private static final int D = 8;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @Test
    void layerNormMatchesTheLoop() {
        KernelCheck check = new KernelCheck(
                        1, NormKernelsTest::record, in -> NaiveLayers.layerNorm(in.get(0), in.get(1), in.get(2)))
                .input(Samples.normal(6, 2 * 3 * D, 3, 2), 2, 3, D)
                .fp32Input(Samples.normal(7, D, 1, 0.3), D)
                .fp32Input(Samples.normal(8, D, 0.3), D);
        check.fp32();
        // Statistics are FP32 inside: only the result is rounded.
        check.low(1);
    }

    private static KernelCheck.RoundTrip record(NDManager scope, NDList in) {
        NDList weights = new NDList(in.get(1), in.get(2));
        NormKernels.Recorded recorded = NormKernels.layerNorm(scope, in.get(0), weights);
        return new KernelCheck.RoundTrip() {
            @Override
            public NDArray output() {
                return recorded.y();
            }

            @Override
            public NDList backward(NDManager owner, NDArray grad, Accumulators into) {
                NDArray past = Precision.of(grad).zeros(owner, grad.getShape());
                return new NDList(NormKernels.backward(owner, recorded, grad, past, weights, into));
            }
        };
    }

    @Test
    void theGradientPastTheBranchIsAdded() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray x = scope.create(new float[] {1, 2, 4}, new Shape(1, 3));
            NDList weights = new NDList(scope.ones(new Shape(3)), scope.zeros(new Shape(3)));
            NormKernels.Recorded recorded = NormKernels.layerNorm(scope, x, weights);
            NDArray past = scope.create(new float[] {5, 6, 7}, new Shape(1, 3));
            NDArray gradient = NormKernels.backward(
                    scope,
                    recorded,
                    x.zerosLike(),
                    past,
                    weights,
                    new Accumulators(new NDList(scope.zeros(new Shape(3)), scope.zeros(new Shape(3))), false));
            assertThat(gradient.toFloatArray()).containsExactly(5, 6, 7);
        }
    }

    /** BF16 statistics would put the gradient off by 2^-9 of the ratio of mean to spread; FP32 ones do not. */
    @ParameterizedTest
    @EnumSource(names = {"BF16", "FP16"})
    void statisticsOfLowStatesStayInFp32(Precision precision) {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray x = KernelCheck.array(
                    scope, precision, KernelCheck.rounded(precision, Samples.normal(1, 64, 100, 1)), 1, 64);
            NDList weights = new NDList(scope.ones(new Shape(64)), scope.zeros(new Shape(64)));
            NormKernels.Recorded recorded = NormKernels.layerNorm(scope, x, weights);
            assertThat(Precision.of(recorded.mean())).isEqualTo(Precision.FP32);
            assertThat(Precision.of(recorded.reciprocalStd())).isEqualTo(Precision.FP32);
        }
    }

    @Test
    void layerNormOfAConstantRowIsItsBias() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray y = NormKernels.layerNorm(
                            scope,
                            scope.full(new Shape(1, 4), 7f),
                            new NDList(scope.ones(new Shape(4)), scope.create(new float[] {1, 2, 3, 4})))
                    .y();
            assertThat(y.toFloatArray()).containsExactly(1, 2, 3, 4);
        }
    }
}
