package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDList;

/**
 * Where a backward kernel leaves the gradients of parameters.
 *
 * @param arrays one array a parameter, FP32, BF16 or FP16, owned by the caller
 * @param add true to add to what the arrays hold; false to overwrite it, which saves the pass that would clear them
 */
public record Accumulators(NDList arrays, boolean add) {
    /**
     * Some of the arrays, to be treated the same way.
     *
     * @param from first index
     * @param to index after the last
     * @return a view of the range
     */
    public Accumulators range(int from, int to) {
        return new Accumulators(arrays.subNDList(from, to), add);
    }

    /** Factor on what the arrays hold, as matrix products take it. */
    double beta() {
        return add ? 1 : 0;
    }
}
