package io.github.gptmoe.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * Reverse-mode differentiation without DJL's collector: recording is switched per thread, and gradients are an explicit
 * vector-Jacobian product, so several threads can differentiate at once and nothing is zeroed or summed behind the
 * caller's back.
 */
public final class Autograd {
    private Autograd() {}

    /**
     * Runs a computation whose operations are recorded for {@link #vjp}.
     *
     * @param <R> result type
     * @param computation the forward computation
     * @return its result
     */
    public static <R> R recording(Supplier<R> computation) {
        JniUtils.setGradMode(true);
        try {
            return computation.get();
        } finally {
            JniUtils.setGradMode(false);
        }
    }

    /**
     * Cuts an array off from the graph it came from and makes it a leaf that collects gradients.
     *
     * @param scope owner of the result
     * @param x any floating-point array
     * @return the same storage as a leaf, attached to {@code scope}
     */
    public static NDArray leaf(NDManager scope, NDArray x) {
        return KernelModule.instance().call("leaf", scope, x).get(0);
    }

    /**
     * {@link #leaf} for every array of a list.
     *
     * @param scope owner of the results
     * @param xs floating-point arrays
     * @return leaves in the same order
     */
    public static NDList leaves(NDManager scope, NDList xs) {
        NDList leaves = new NDList(xs.size());
        xs.forEach(x -> leaves.add(leaf(scope, x)));
        return leaves;
    }

    /**
     * Gradients of inputs only.
     *
     * @param scope owner of the results
     * @param outputs recorded outputs, each requiring gradients
     * @param outputGrads gradient of each output, same shapes
     * @param inputs leaves whose gradient is wanted; an unused one gets zeros
     * @return gradients of {@code inputs}, attached to {@code scope}
     */
    public static NDList vjp(NDManager scope, NDList outputs, NDList outputGrads, NDList inputs) {
        return KernelModule.instance().call("vjp_inputs", scope, outputs, outputGrads, inputs);
    }

    /**
     * Multiplies output gradients with the Jacobian: gradients of the inputs are returned, gradients of the parameters are
     * added in place to their accumulators. The recorded graph is freed.
     *
     * @param scope owner of the result
     * @param outputs recorded outputs, each requiring gradients
     * @param outputGrads gradient of each output, same shapes
     * @param inputs leaves whose gradient is wanted; an unused one gets zeros
     * @param parameters leaves whose gradient is accumulated; an unused one (an idle expert) keeps its accumulator
     * @param into accumulators, one for each of {@code parameters}
     * @return gradients of {@code inputs}, attached to {@code scope}
     */
    public static NDList vjp(
            NDManager scope, NDList outputs, NDList outputGrads, NDList inputs, NDList parameters, NDList into) {
        NDList leaves = new NDList(inputs.size() + parameters.size());
        leaves.addAll(inputs);
        leaves.addAll(parameters);
        return KernelModule.instance().call("vjp", scope, outputs, outputGrads, leaves, into);
    }
}
