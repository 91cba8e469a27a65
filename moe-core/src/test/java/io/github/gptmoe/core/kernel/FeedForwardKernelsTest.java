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

class FeedForwardKernelsTest {
    private static final int D = 8;
    private static final int F = 12;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @Test
    void ffnMatchesTheLoop() {
        KernelCheck check = new KernelCheck(
                        1, FeedForwardKernelsTest::record, in -> NaiveLayers.ffn(in.get(0), in.subList(1, 5)))
                .input(Samples.normal(18, 5 * D, 1), 5, D)
                .input(Samples.normal(22, F * D, 0.4), F, D)
                .input(Samples.normal(23, F, 0.4), F)
                .input(Samples.normal(24, D * F, 0.4), D, F)
                .input(Samples.normal(25, D, 0.4), D);
        check.fp32();
        // Up, GELU, down.
        check.low(3);
    }

    private static KernelCheck.RoundTrip record(NDManager scope, NDList in) {
        NDList weights = new NDList(in.subList(1, 5));
        FeedForwardKernels.Recorded recorded = FeedForwardKernels.run(scope, in.get(0), weights);
        return new KernelCheck.RoundTrip() {
            @Override
            public NDArray output() {
                return recorded.y();
            }

            @Override
            public NDList backward(NDManager owner, NDArray grad, Accumulators into) {
                return new NDList(FeedForwardKernels.backward(owner, recorded, grad, weights, into));
            }
        };
    }

    @Test
    void addResidualAddsAFlatBranch() {
        try (NDManager scope = NDManager.newBaseManager()) {
            NDArray x = scope.arange(12f).reshape(new Shape(2, 3, 2));
            NDArray y = FeedForwardKernels.addResidual(scope, x, scope.ones(new Shape(6, 2)));
            assertThat(y).isEqualTo(x.add(1));
        }
    }
}
