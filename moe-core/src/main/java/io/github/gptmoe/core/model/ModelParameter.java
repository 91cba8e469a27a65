package io.github.gptmoe.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * A parameter with what a trainer has to know about it.
 *
 * @param parameter the DJL parameter; its array, once initialised, is the FP32 master
 * @param shape its shape
 * @param start distribution of its initial values
 * @param decay whether weight decay applies: matrices and the token table, not biases, norms and positions
 * @param computeInFp32 whether it stays FP32 when the model computes in BF16 or FP16: the router's weights, whose rounding would
 *     change which expert a token goes to, and the norms', which are small and decide the dtype of their statistics
 * @param expert the expert that it belongs to, or null
 */
public record ModelParameter(
        Parameter parameter,
        Shape shape,
        Start start,
        boolean decay,
        boolean computeInFp32,
        @Nullable Expert expert) {
    /**
     * Whose parameter it is.
     *
     * @param index number of the expert in its layer, from 0
     * @param of experts of the layer
     */
    public record Expert(int index, int of) {}

    ModelParameter ofExpert(Expert whose) {
        return new ModelParameter(parameter, shape, start, decay, computeInFp32, whose);
    }

    /**
     * The full name, as it stands in a checkpoint.
     *
     * @return for example {@code blocks.3.moe.router.weight}
     */
    public String name() {
        return parameter.getName();
    }

    /**
     * Gives the parameter its initial FP32 array.
     *
     * @param owner manager of the array
     * @param seed seed of the model's initial weights
     */
    void initialize(NDManager owner, long seed) {
        parameter.setArray(draw(owner, seed));
    }

    /**
     * Draws the parameter's initial values, which depend on the seed and the name only.
     *
     * @param owner manager of the result
     * @param seed seed of the model's initial weights
     * @return FP32 array of the parameter's shape
     */
    public NDArray draw(NDManager owner, long seed) {
        return start.draw(owner, shape, name(), seed);
    }

    static ModelParameter weight(String name, double std, long... shape) {
        return of(name, Start.normal(std), true, false, shape);
    }

    static ModelParameter bias(String name, long size) {
        return of(name, Start.constant(0), false, false, size);
    }

    static ModelParameter normScale(String name, long size) {
        return of(name, Start.constant(1), false, true, size);
    }

    static ModelParameter normShift(String name, long size) {
        return of(name, Start.constant(0), false, true, size);
    }

    static ModelParameter of(String name, Start start, boolean decay, boolean computeInFp32, long... shape) {
        Shape full = new Shape(shape);
        Parameter parameter =
                Parameter.builder().setName(name).setType(Parameter.Type.WEIGHT).build();
        return new ModelParameter(parameter, full, start, decay, computeInFp32, null);
    }
}
