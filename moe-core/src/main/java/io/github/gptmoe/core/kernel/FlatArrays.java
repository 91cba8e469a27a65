package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/** Arrays that share the memory of a flat one, so that many parameters can be sent or summed in one operation. */
public final class FlatArrays {
    private FlatArrays() {}

    /**
     * A stretch of a flat array under a shape.
     *
     * @param owner owner of the result
     * @param flat contiguous array, read as one-dimensional; its memory lives as long as a view is open
     * @param start first element
     * @param shape shape of the result, at least one dimension
     * @return contiguous view: what is written to one is seen by the other
     */
    public static NDArray view(NDManager owner, NDArray flat, long start, Shape shape) {
        return KernelModule.instance()
                .call("view_of", owner, flat, start, shape.getShape())
                .get(0);
    }
}
