package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * LAMB in two passes, because the norms of whole parameters lie between them. The step {@code r} is made twice instead of kept:
 * four bytes a parameter less.
 */
public final class LambKernels {
    private LambKernels() {}

    /**
     * Hyperparameters of one update.
     *
     * @param step number of this update, from 1; sets the bias corrections
     * @param learningRate step size
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param epsilon added to the root of the second moment
     * @param weightDecay share of the weight in its step
     * @param clip factor on every gradient; 1 for none
     */
    public record Lamb(
            long step,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            double clip) {
        private double[] numbers() {
            double correction1 = 1 - Math.pow(beta1, (double) step);
            double root2 = Math.sqrt(1 - Math.pow(beta2, (double) step));
            return new double[] {learningRate, beta1, beta2, correction1, root2, epsilon, weightDecay, clip};
        }
    }

    /**
     * Brings moments up to date: {@code m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2}.
     *
     * @param arrays weights and gradients of n parameters; nothing of them is changed
     * @param first FP32 first moments, updated
     * @param second FP32 second moments, updated
     * @param settings hyperparameters
     * @return n pairs: sum of squares of the weights, and of {@code r = (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps) + wd
     *     w}
     */
    public static double[] moments(WeightArrays arrays, NDList first, NDList second, Lamb settings) {
        try (NDManager scope = arrays.scope().newSubManager()) {
            NDArray sums = KernelModule.instance()
                    .call(
                            "lamb_moments",
                            scope,
                            arrays.weights(),
                            arrays.grads(),
                            first,
                            second,
                            settings.numbers(),
                            arrays.chunk())
                    .get(0);
            return sums.toDoubleArray(); // host sync: ratios may need the sums of other ranks
        }
    }

    /**
     * Makes the step: {@code w -= lr trust r}.
     *
     * @param arrays weights, updated, and copies, refreshed
     * @param first moments from {@link #moments}
     * @param second moments from {@link #moments}
     * @param settings those given to {@link #moments}
     * @param trust one factor for each parameter
     */
    public static void apply(WeightArrays arrays, NDList first, NDList second, Lamb settings, double[] trust) {
        NDManager scope = arrays.scope();
        try (NDList scratch = arrays.scratch();
                NDList noCopies = new NDList(scope.create(0f))) {
            KernelModule.instance()
                    .call(
                            "lamb_apply",
                            scope,
                            arrays.weights(),
                            first,
                            second,
                            arrays.copiesOr(noCopies),
                            settings.numbers(),
                            trust,
                            arrays.chunk(),
                            arrays.rounding().numbers(settings.step),
                            scratch);
        }
    }
}
