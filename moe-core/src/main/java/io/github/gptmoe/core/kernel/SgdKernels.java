package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/** Gradient descent with momentum, in place, one pass over memory. */
public final class SgdKernels {
    private SgdKernels() {}

    /**
     * Hyperparameters of one update.
     *
     * @param step number of this update, from 1
     * @param learningRate step size
     * @param momentum decay of the running sum; 0 for none
     * @param nesterov whether the step looks one momentum ahead
     * @param coupledDecay share of the weight added to its gradient
     * @param decoupledDecay share of the weight removed, multiplied by the learning rate
     * @param clip factor on every gradient; 1 for none
     */
    public record Sgd(
            long step,
            double learningRate,
            double momentum,
            boolean nesterov,
            double coupledDecay,
            double decoupledDecay,
            double clip) {}

    /**
     * {@code g = clip g + coupled w; b = momentum b + g; w = (1 - lr decoupled) w - lr (nesterov ? g + momentum b : b)}.
     *
     * @param arrays weights, copies and gradients
     * @param sums FP32 running sums {@code b}, updated; empty without momentum
     * @param settings hyperparameters
     */
    public static void sgd(WeightArrays arrays, NDList sums, Sgd settings) {
        double[] numbers = {
            settings.learningRate,
            settings.momentum,
            settings.nesterov ? 1 : 0,
            settings.coupledDecay,
            settings.decoupledDecay,
            settings.clip
        };
        NDManager scope = arrays.scope();
        try (NDList scratch = arrays.scratch();
                NDList none = new NDList(scope.create(0f));
                NDList noSums = new NDList(scope.create(0f))) {
            KernelModule.instance()
                    .call(
                            "sgd",
                            scope,
                            arrays.weights(),
                            arrays.grads(),
                            sums.isEmpty() ? noSums : sums,
                            arrays.copiesOr(none),
                            numbers,
                            arrays.chunk(),
                            arrays.rounding().numbers(settings.step),
                            scratch);
        }
    }
}
