package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.naive.NaiveLayers;
import io.github.gptmoe.core.naive.Samples;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResidualMixKernelsTest {
    private static final int D = 8;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @Test
    void theTwoWaysOfEachTokenAreWeighed() {
        KernelCheck check = new KernelCheck(
                        4,
                        ResidualMixKernelsTest::record,
                        in -> NaiveLayers.residualMix(in.get(0), in.get(1), in.get(2), in.get(3), in.get(4), in.get(5)))
                .input(Samples.normal(28, 2 * 3 * D, 1), 2, 3, D)
                .input(Samples.normal(29, 6 * D, 1), 6, D)
                .input(Samples.normal(30, 6 * D, 1), 6, D)
                .input(Samples.normal(31, 6 * D, 1), 6, D)
                .input(Samples.normal(32, 2 * D, 0.5), 2, D)
                .input(Samples.normal(33, 2, 0.5), 2);
        check.fp32();
        // Shares, two products, their sum, residual.
        check.low(5);
    }

    private static KernelCheck.RoundTrip record(NDManager scope, NDList in) {
        NDList gate = new NDList(in.get(4), in.get(5));
        ResidualMixKernels.Recorded recorded =
                ResidualMixKernels.run(scope, in.get(0), in.get(1), in.get(2), in.get(3), gate);
        return new KernelCheck.RoundTrip() {
            @Override
            public NDArray output() {
                return recorded.yBLD();
            }

            @Override
            public NDList backward(NDManager owner, NDArray grad, Accumulators into) {
                ResidualMixKernels.InputGrads grads = ResidualMixKernels.backward(owner, recorded, grad, gate, into);
                // The residual stream passes its gradient on unchanged.
                return new NDList(grad, grads.hTD(), grads.expertTD(), grads.denseTD());
            }
        };
    }
}
