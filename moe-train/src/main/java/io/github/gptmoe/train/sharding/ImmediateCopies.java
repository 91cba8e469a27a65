package io.github.gptmoe.train.sharding;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.Precision;

/** Copies that are done when they return: on a CPU the device is the host. */
final class ImmediateCopies implements HostCopies {
    @Override
    public NDArray allocate(NDManager host, Precision precision, long elements) {
        return precision.zeros(host, new Shape(elements));
    }

    @Override
    public Copy toHost(NDArray host, NDArray device) {
        Precision.copy(host, device);
        return Copy.NONE;
    }

    @Override
    public Copy toDevice(NDArray device, NDArray host) {
        Precision.copy(device, host);
        return Copy.NONE;
    }

    @Override
    public void close() {
        // nothing is ever under way
    }
}
