package io.github.gptmoe.router;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * The lifetime of one routing's temporaries.
 *
 * <p>The result of an operation attaches to the manager of its receiver. So inputs enter through {@link #view}, which gives
 * a second handle on the same data inside the scope (the recorded gradient runs through it), and results leave through
 * {@link #keep}. Without the views every call would leave arrays behind in the model's manager.
 */
final class RoutingScope implements AutoCloseable {
    private final NDManager parent;
    private final NDManager temporaries;
    private final Device device;

    /** Opens a scope whose results go to the manager of {@code hiddenTD}. */
    RoutingScope(NDArray hiddenTD) {
        parent = hiddenTD.getManager();
        device = hiddenTD.getDevice();
        temporaries = parent.newSubManager();
    }

    /** Returns a second handle on the data of an input, attached to this scope. */
    NDArray view(NDArray input) {
        NDArray view = input.reshape(input.getShape());
        view.attach(temporaries);
        return view;
    }

    /**
     * Returns the routing after attaching its arrays to the manager of the hidden states. This comes last: an operation on
     * an array that has left the scope would leave its result outside, too.
     */
    Routing keep(Routing routing) {
        NDList results = new NDList(
                routing.expertIdsT(),
                routing.gateT(),
                routing.balanceLoss(),
                routing.marginLoss(),
                routing.zLoss(),
                routing.auxiliaryLoss());
        results.attach(parent);
        NDArray marginDistanceT = routing.marginDistanceT();
        if (marginDistanceT != null) {
            marginDistanceT.attach(parent);
        }
        return routing;
    }

    /** Returns a new scalar 0, attached to this scope. */
    NDArray zero() {
        return temporaries.zeros(new Shape(), DataType.FLOAT32, device);
    }

    /** Returns FP32 (T, E): 1 where the id is the expert's number; a row of zeros for an id of E. */
    NDArray oneHot(NDArray expertIdsT, int numExperts) {
        NDArray numbersE = temporaries.arange(0, numExperts, 1, DataType.INT64, device);
        return expertIdsT.expandDims(1).eq(numbersE).toType(DataType.FLOAT32, false);
    }

    /**
     * Returns a scalar in memory of libtorch's own, attached to this scope.
     *
     * <p>DJL's {@code mul(Number)} and {@code div(Number)} wrap the number's Java buffer instead of copying it. Autograd
     * keeps that operand for backward, but nothing keeps the buffer: after a garbage collection the gradient is multiplied
     * by whatever lies there. So no recorded operation in this module takes a {@code Number} that backward needs.
     */
    NDArray constant(double value) {
        return temporaries.full(new Shape(), (float) value, DataType.FLOAT32);
    }

    /** Returns FP32 values in memory of libtorch's own (see {@link #constant}), attached to this scope. */
    NDArray upload(float[] values, Shape shape) {
        return temporaries.create(values, shape).toDevice(device, false).duplicate();
    }

    @Override
    public void close() {
        temporaries.close();
    }
}
