package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;

/** Optimizer arithmetic over lists of parameters, in place, one native call a list. */
public final class OptimizerKernels {
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
     * The arrays of an AdamW update; entry i of each list belongs to parameter i. Moments are FP32, BF16, or U8 codes with an
     * FP32 scale for every 256 of them.
     *
     * @param weights weights, copies and gradients
     * @param firstMoments updated
     * @param firstScales scales of U8 first moments, updated; else empty
     * @param secondMoments updated, of the first moments' type; BF16 ones are rounded stochastically
     * @param secondScales scales of U8 second moments, updated; else empty
     */
    public record AdamWArrays(
            WeightArrays weights, NDList firstMoments, NDList firstScales, NDList secondMoments, NDList secondScales) {
        /**
         * Arrays with FP32 or BF16 moments.
         *
         * @param weights as above
         * @param firstMoments as above
         * @param secondMoments as above
         */
        public AdamWArrays(WeightArrays weights, NDList firstMoments, NDList secondMoments) {
            this(weights, firstMoments, new NDList(), secondMoments, new NDList());
        }
    }

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
        WeightArrays weights = arrays.weights;
        NDManager scope = weights.scope();
        // TorchScript takes an update of a list made inside a function for dead code, so the lists of one piece that
        // libtorch's kernel wants come from here; what is in them does not matter. An FP32 array in the place of the
        // copies or scales says that there are none: DJL cannot pass an empty list.
        try (NDList scratch = weights.scratch(arrays.firstMoments, arrays.secondMoments);
                NDList weightChunk = new NDList(scope.create(0f));
                NDList firstChunk = new NDList(scope.create(0f));
                NDList secondChunk = new NDList(scope.create(0f));
                NDList noCopies = new NDList(scope.create(0f));
                NDList noFirstScales = new NDList(scope.create(0f));
                NDList noSecondScales = new NDList(scope.create(0f));
                NDList maps = arrays.firstScales.isEmpty() ? noMaps(scope) : maps(scope)) {
            KernelModule.instance()
                    .call(
                            "adamw",
                            scope,
                            weights.weights(),
                            weights.grads(),
                            arrays.firstMoments,
                            arrays.secondMoments,
                            weights.copiesOr(noCopies),
                            weightChunk,
                            firstChunk,
                            secondChunk,
                            numbers,
                            weights.chunk(),
                            weights.rounding().numbers(settings.step),
                            scratch,
                            arrays.firstScales.isEmpty() ? noFirstScales : arrays.firstScales,
                            arrays.secondScales.isEmpty() ? noSecondScales : arrays.secondScales,
                            maps);
        }
    }

    /** Code to value and cell to code, of first and second moments. */
    private static NDList maps(NDManager scope) {
        return new NDList(
                scope.create(DynamicMap.signed()),
                scope.create(DynamicMap.unsigned()),
                bytes(scope, DynamicMap.lookup(DynamicMap.magnitudes())),
                bytes(scope, DynamicMap.lookup(DynamicMap.unsigned())));
    }

    private static NDArray bytes(NDManager scope, byte[] values) {
        return scope.create(ByteBuffer.wrap(values), new Shape(values.length), DataType.UINT8);
    }

    private static NDList noMaps(NDManager scope) {
        return new NDList(scope.create(0f), scope.create(0f), scope.create(0f), scope.create(0f));
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
