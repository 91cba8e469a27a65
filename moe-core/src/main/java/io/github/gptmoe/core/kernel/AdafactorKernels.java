package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/** Adafactor, in place: one pass for the moments, one for the size of the step, one for the step. */
public final class AdafactorKernels {
    private AdafactorKernels() {}

    /**
     * Hyperparameters of one update.
     *
     * @param step number of this update, from 1
     * @param learningRate step size
     * @param beta1 decay of the first moment; 0 for none
     * @param beta2 decay of the second moment in this update
     * @param epsilon added to squared gradients
     * @param clipThreshold largest root mean square of a parameter's step
     * @param relative whether the step size is multiplied by the root mean square of the parameter
     * @param minimumScale least of that root mean square
     * @param weightDecay decoupled decay, multiplied by the step size
     * @param clip factor on every gradient; 1 for none
     */
    public record Adafactor(
            long step,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            double clipThreshold,
            boolean relative,
            double minimumScale,
            double weightDecay,
            double clip) {}

    /**
     * With means over rows and columns {@code R = b2 R + (1 - b2) mean_row(g^2 + eps), C} alike, {@code u = g / sqrt(R C^T /
     * mean(R))} (vectors: {@code u = g / sqrt(v)}), {@code u = u / max(1, rms(u) / clipThreshold)}, {@code m = b1 m + (1 - b1)
     * u} if there is one, {@code w -= a (wd w + m)} with {@code a = lr}, or {@code lr max(minimumScale, rms(w))}.
     *
     * @param arrays weights, copies and gradients of whole parameters in their own shapes, of one or two dimensions
     * @param rows FP32 {@code R} of matrices, v of vectors; updated
     * @param columns FP32 {@code C} of matrices, updated; anything for vectors
     * @param first FP32 first moments, updated; empty without
     * @param settings hyperparameters
     */
    public static void adafactor(WeightArrays arrays, NDList rows, NDList columns, NDList first, Adafactor settings) {
        double[] numbers = {
            settings.learningRate,
            settings.beta1,
            settings.beta2,
            settings.epsilon,
            settings.clipThreshold,
            settings.relative ? 1 : 0,
            settings.minimumScale,
            settings.weightDecay,
            settings.clip
        };
        NDManager scope = arrays.scope();
        try (NDList scratch = arrays.scratch();
                NDList noCopies = new NDList(scope.create(0f));
                NDList noMoments = new NDList(scope.create(0f))) {
            KernelModule.instance()
                    .call(
                            "adafactor",
                            scope,
                            arrays.weights(),
                            arrays.grads(),
                            rows,
                            columns,
                            first.isEmpty() ? noMoments : first,
                            arrays.copiesOr(noCopies),
                            numbers,
                            arrays.chunk(),
                            arrays.rounding().numbers(settings.step),
                            scratch);
        }
    }
}
