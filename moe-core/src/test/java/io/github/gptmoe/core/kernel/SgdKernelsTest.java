package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.SgdKernels.Sgd;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SgdKernelsTest {
    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @ParameterizedTest
    @CsvSource({
        "0, false, 0, 0, FP32",
        "0, false, 0.1, 0, BF16",
        "0.9, false, 0.1, 0, BF16",
        "0.9, true, 0, 0.1, FP32",
        "0.5, true, 0.1, 0.2, BF16"
    })
    void sgdFollowsTheLoopOverSeveralSteps(
            double momentum, boolean nesterov, double coupled, double decoupled, Precision gradients) {
        try (NDManager scope = NDManager.newBaseManager()) {
            OptimizerCheck check = new OptimizerCheck(scope, Precision.FP32, gradients == Precision.BF16);
            NDList sums = momentum == 0 ? new NDList() : check.zeros(Precision.FP32);
            List<double[]> expectedSums = OptimizerCheck.naiveZeros();
            for (int update = 1; update <= 5; update++) {
                Sgd settings = new Sgd(update, 0.05 * update, momentum, nesterov, coupled, decoupled, 1.0 / update);
                SgdKernels.sgd(check.next(update, gradients), sums, settings);
                for (int i = 0; i < expectedSums.size(); i++) {
                    naive(check.expected.get(i), check.gradients.get(i), expectedSums.get(i), settings);
                }
                check.assertWeights(2 * OptimizerCheck.FP32_TOLERANCE);
            }
            for (int i = 0; i < sums.size(); i++) {
                KernelCheck.assertClose("sum", KernelCheck.doubles(scope, sums.get(i)), expectedSums.get(i), 2e-6);
            }
        }
    }

    private static void naive(double[] w, double[] gradient, double[] sums, Sgd s) {
        for (int i = 0; i < w.length; i++) {
            double g = gradient[i] * s.clip() + s.coupledDecay() * w[i];
            sums[i] = s.momentum() * sums[i] + g;
            double step = s.nesterov() ? g + s.momentum() * sums[i] : sums[i];
            w[i] = w[i] * (1 - s.learningRate() * s.decoupledDecay()) - s.learningRate() * step;
        }
    }
}
