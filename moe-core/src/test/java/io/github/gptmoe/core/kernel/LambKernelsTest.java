package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.gptmoe.core.kernel.LambKernels.Lamb;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LambKernelsTest {
    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void lambFollowsTheLoopOverSeveralSteps(Precision gradients) {
        try (NDManager scope = NDManager.newBaseManager()) {
            OptimizerCheck check = new OptimizerCheck(scope, Precision.FP32, gradients == Precision.BF16);
            NDList first = check.zeros(Precision.FP32);
            NDList second = check.zeros(Precision.FP32);
            List<double[]> m = OptimizerCheck.naiveZeros();
            List<double[]> v = OptimizerCheck.naiveZeros();
            for (int update = 1; update <= 5; update++) {
                Lamb settings = new Lamb(update, 1e-2, 0.9, 0.99, 1e-6, update % 2 == 0 ? 0 : 0.1, 1.0 / update);
                WeightArrays arrays = check.next(update, gradients);
                double[] sums = LambKernels.moments(arrays, first, second, settings);
                double[] trust = new double[m.size()];
                for (int i = 0; i < trust.length; i++) {
                    double[] r = step(check.expected.get(i), check.gradients.get(i), m.get(i), v.get(i), settings);
                    double weights = squares(check.expected.get(i));
                    assertThat(sums[2 * i]).isCloseTo(weights, within(1e-5 * weights));
                    assertThat(sums[2 * i + 1]).isCloseTo(squares(r), within(1e-5 * squares(r)));
                    trust[i] = Math.sqrt(weights / squares(r));
                    for (int k = 0; k < r.length; k++) {
                        check.expected.get(i)[k] -= settings.learningRate() * trust[i] * r[k];
                    }
                }
                LambKernels.apply(arrays, first, second, settings, trust);
                check.assertWeights(2 * OptimizerCheck.FP32_TOLERANCE);
            }
            for (int i = 0; i < m.size(); i++) {
                KernelCheck.assertClose("m", KernelCheck.doubles(scope, first.get(i)), m.get(i), 1e-6);
                KernelCheck.assertClose("v", KernelCheck.doubles(scope, second.get(i)), v.get(i), 1e-6);
            }
        }
    }

    private static double[] step(double[] w, double[] gradient, double[] m, double[] v, Lamb settings) {
        double[] r = new double[w.length];
        for (int i = 0; i < w.length; i++) {
            double g = gradient[i] * settings.clip();
            m[i] = settings.beta1() * m[i] + (1 - settings.beta1()) * g;
            v[i] = settings.beta2() * v[i] + (1 - settings.beta2()) * g * g;
            double mean = m[i] / (1 - Math.pow(settings.beta1(), (double) settings.step()));
            double square = v[i] / (1 - Math.pow(settings.beta2(), (double) settings.step()));
            r[i] = mean / (Math.sqrt(square) + settings.epsilon()) + settings.weightDecay() * w[i];
        }
        return r;
    }

    private static double squares(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sum;
    }
}
