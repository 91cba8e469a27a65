package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/** Optimizer arithmetic over lists of parameters, in place, one native call a list. */
public final class OptimizerKernels {
    /** Elements of a piece: its gradient in FP32, and its masters about to be copied, must still be in cache. */
    private static final long CPU_CHUNK = 1 << 19;

    /** A GPU gains nothing from pieces, and each costs launches. */
    private static final long GPU_CHUNK = Long.MAX_VALUE;

    private OptimizerKernels() {}

    /**
     * Hyperparameters of one AdamW update.
     *
     * @param step number of this update, from 1; sets the bias corrections
     * @param learningRate step size
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param epsilon added to the root of the second moment
     * @param weightDecay decoupled decay, multiplied by the learning rate
     * @param clip factor on every gradient, from clipping by global norm and from undoing a loss scale; 1 for none
     */
    public record AdamW(
            long step,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            double clip) {}

    /**
     * The arrays of an AdamW update; entry i of each list belongs to parameter i.
     *
     * @param masters FP32 weights, updated
     * @param lowPrecision copies for computing, refreshed from the masters; empty when the masters are computed with
     * @param grads gradients, FP32, BF16 or FP16; read only
     * @param firstMoments FP32, updated
     * @param secondMoments FP32, updated
     */
    public record AdamWArrays(
            NDList masters, NDList lowPrecision, NDList grads, NDList firstMoments, NDList secondMoments) {}

    /**
     * Sum of squares of all entries, accumulated in FP32: by rows of 1,024 first, because libtorch's norm adds up one
     * running sum, which is 0.05 % off for 33 million entries.
     *
     * @param scope owner of the result
     * @param grads arrays, FP32, BF16 or FP16; not empty
     * @return FP32 scalar, attached to {@code scope}
     */
    public static NDArray normSquared(NDManager scope, NDList grads) {
        return KernelModule.instance().call("norm_squared", scope, grads).get(0);
    }

    /**
     * AdamW with decoupled weight decay (Loshchilov and Hutter 2019): {@code m = b1 m + (1 - b1) g, v = b2 v + (1 - b2)
     * g^2, w -= lr (wd w + (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps))} with {@code g} the clipped gradient. In pieces,
     * so that what is converted to FP32, and what is copied to low precision, stays in cache: one pass over memory.
     *
     * @param arrays weights, gradients and moments
     * @param settings hyperparameters
     */
    public static void adamW(AdamWArrays arrays, AdamW settings) {
        double[] numbers = {
            settings.step,
            settings.learningRate,
            settings.beta1,
            settings.beta2,
            settings.epsilon,
            settings.weightDecay,
            settings.clip
        };
        NDManager scope = arrays.masters.head().getManager();
        long chunk = arrays.masters.head().getDevice().isGpu() ? GPU_CHUNK : CPU_CHUNK;
        // TorchScript takes an update of a list made inside a function for dead code, so the lists of one piece that
        // libtorch's kernel wants come from here; what is in them does not matter. An FP32 array in the place of the
        // copies
        // says that there are none: DJL cannot pass an empty list.
        try (NDList masterChunk = new NDList(scope.create(0f));
                NDList firstChunk = new NDList(scope.create(0f));
                NDList secondChunk = new NDList(scope.create(0f));
                NDList noCopies = new NDList(scope.create(0f))) {
            KernelModule.instance()
                    .call(
                            "adamw",
                            scope,
                            arrays.masters,
                            arrays.grads,
                            arrays.firstMoments,
                            arrays.secondMoments,
                            arrays.lowPrecision.isEmpty() ? noCopies : arrays.lowPrecision,
                            masterChunk,
                            firstChunk,
                            secondChunk,
                            numbers,
                            chunk);
        }
    }

    /**
     * Sets every entry to zero.
     *
     * @param arrays arrays of any floating-point dtype; not empty
     */
    public static void zero(NDList arrays) {
        KernelModule.instance().call("zero", arrays.head().getManager(), arrays);
    }
}
