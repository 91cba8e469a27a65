package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Memory for one piece of an update that kernels see both as floats and as integers: TorchScript has no operation that looks at
 * the bits of a float.
 */
final class BitScratch {
    private static final int INT16 = 2;
    private static final int INT32 = 3;

    private BitScratch() {}

    /**
     * Makes the arrays of one call.
     *
     * @param scope their owner
     * @param elements of the longest piece
     * @return FP32 and the same memory as int32; int32 of half as many elements and the same memory as int16; 0, 1, 2, ... of
     *     half as many elements
     */
    static NDList of(NDManager scope, long elements) {
        NDArray values = scope.zeros(new Shape(elements));
        long pairs = (elements + 1) / 2;
        NDArray hashes = scope.zeros(new Shape(pairs), DataType.INT32);
        return new NDList(
                values,
                TensorStorage.bits(values, INT32),
                hashes,
                TensorStorage.bits(hashes, INT16),
                scope.arange(0, (int) pairs, 1, DataType.INT32));
    }

    /** What a call passes that looks at no bits: DJL cannot pass an empty list. */
    static NDList none(NDManager scope) {
        return new NDList(scope.create(0f));
    }
}
