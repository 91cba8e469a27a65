package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Locale;

/**
 * The floating-point formats of weights, activations and gradients. Those of two bytes go through kernels only: DJL 0.35.1
 * aborts the JVM when it is asked for {@code DataType.BFLOAT16}, and reports {@code UNKNOWN} for such an array.
 */
public enum Precision {
    /** IEEE binary32. */
    FP32(6, 4),
    /** bfloat16: 8 bits of exponent as FP32, 7 of mantissa. */
    BF16(15, 2),
    /**
     * IEEE binary16: 5 bits of exponent, so at most 65,504 and, below 6e-5, fewer than its 10 bits of mantissa. On CPUs kernels
     * multiply matrices of it in FP32 and round the result: libtorch 2.7 has no fast product of its own for processors without
     * AVX-512 FP16, only a loop of 3 to 25 GFLOP/s.
     */
    FP16(5, 2);

    private final int torchType;
    private final int bytes;

    Precision(int torchType, int bytes) {
        this.torchType = torchType;
        this.bytes = bytes;
    }

    /**
     * The precision that a configuration or a report names.
     *
     * @param name {@code fp32}, {@code bf16} or {@code fp16}; case does not matter
     * @return the precision of this name
     * @throws IllegalArgumentException if there is none
     */
    public static Precision named(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    /**
     * The size of one element.
     *
     * @return bytes
     */
    public int bytes() {
        return bytes;
    }

    /**
     * Converts an array; recorded by {@link Autograd}.
     *
     * @param scope owner of the result
     * @param x floating-point array
     * @return an array of this precision attached to {@code scope}; shares storage when {@code x} has it already
     */
    public NDArray cast(NDManager scope, NDArray x) {
        return KernelModule.instance().call("to_type", scope, x, torchType).get(0);
    }

    /**
     * Makes an array of zeros.
     *
     * @param scope owner of the result
     * @param shape its shape
     * @return zeros of this precision on the device of {@code scope}, attached to it
     */
    public NDArray zeros(NDManager scope, Shape shape) {
        try (NDArray like = scope.create(0f)) {
            return KernelModule.instance()
                    .call("zeros_of_type", scope, shape.getShape(), torchType, like)
                    .get(0);
        }
    }

    /**
     * Makes an array whose memory is not touched: zeros would be a pass over memory that what fills it next repeats.
     *
     * @param scope owner of the result
     * @param shape its shape
     * @return an array with arbitrary values of this precision on the device of {@code scope}, attached to it
     */
    public NDArray empty(NDManager scope, Shape shape) {
        try (NDArray like = scope.create(0f)) {
            return KernelModule.instance()
                    .call("empty_of_type", scope, shape.getShape(), torchType, like)
                    .get(0);
        }
    }

    /**
     * Copies values into a part of an array with conversion, in place.
     *
     * @param into contiguous destination, of any floating-point dtype and shape
     * @param from first element of it, counted row-major
     * @param x one-dimensional source
     * @param count number of elements, from the first of {@code x} on
     */
    public static void copyRange(NDArray into, long from, NDArray x, long count) {
        KernelModule.instance().call("copy_range_into", x.getManager(), into, from, x, count);
    }

    /**
     * Copies values with conversion, in place.
     *
     * @param into destination, of any floating-point dtype
     * @param x source, same shape
     */
    public static void copy(NDArray into, NDArray x) {
        KernelModule.instance().call("copy_into", x.getManager(), into, x);
    }

    /**
     * Adds values with conversion, in place.
     *
     * @param into sum, of any floating-point dtype
     * @param x what is added, same number of elements
     */
    public static void add(NDArray into, NDArray x) {
        KernelModule.instance().call("add_into", x.getManager(), into, x);
    }

    /**
     * Tells the precision of an array.
     *
     * @param x an FP32, BF16 or FP16 array
     * @return its precision
     * @throws IllegalArgumentException for any other dtype
     */
    public static Precision of(NDArray x) {
        try (NDArray type =
                KernelModule.instance().call("type_of", x.getManager(), x).get(0)) {
            long number = type.getLong();
            for (Precision precision : values()) {
                if (precision.torchType == number) {
                    return precision;
                }
            }
            throw new IllegalArgumentException("array of dtype " + x.getDataType() + " (" + number + ")");
        }
    }
}
