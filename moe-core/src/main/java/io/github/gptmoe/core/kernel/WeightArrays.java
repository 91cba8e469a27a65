package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/**
 * What every optimizer updates; entry i of each list belongs to parameter i.
 *
 * @param weights FP32, or BF16 where there are no masters; updated. BF16 ones are rounded stochastically
 * @param lowPrecision BF16 copies for computing, refreshed from the weights; empty when the weights are computed with
 * @param grads FP32 or BF16; read only
 * @param rounding what decides the rounding
 */
public record WeightArrays(NDList weights, NDList lowPrecision, NDList grads, StochasticRounding rounding) {
    /** Elements of a piece on a CPU: all that an update reads, in FP32, must stay in cache. */
    private static final long CPU_CHUNK = 1 << 19;

    /** A GPU gains nothing from pieces, and each costs launches. */
    private static final long GPU_CHUNK = Long.MAX_VALUE;

    long chunk() {
        return weights.head().getDevice().isGpu() ? GPU_CHUNK : CPU_CHUNK;
    }

    NDManager scope() {
        return weights.head().getManager();
    }

    /** The memory that rounding takes, or nothing where only FP32 numbers are stored. */
    NDList scratch(NDList... moments) {
        NDList stored = new NDList(weights);
        for (NDList each : moments) {
            stored.addAll(each);
        }
        NDManager scope = scope();
        if (stored.stream().allMatch(array -> array.getDataType() == DataType.FLOAT32)) {
            return BitScratch.none(scope);
        }
        long longest = 1;
        for (NDArray array : weights) {
            // A piece is a row at least where a kernel goes by rows, and two where rows are odd.
            long rows = array.getShape().dimension() < 2
                    ? array.size()
                    : array.getShape().get(0);
            long twoRows = 2 * (array.size() / rows);
            longest = Math.max(longest, Math.min(array.size(), Math.max(chunk(), twoRows)));
        }
        return BitScratch.of(scope, longest);
    }

    /** The copies, or what a kernel takes for none, since DJL cannot pass an empty list: an FP32 array in {@code none}. */
    NDList copiesOr(NDList none) {
        return lowPrecision.isEmpty() ? none : lowPrecision;
    }
}
