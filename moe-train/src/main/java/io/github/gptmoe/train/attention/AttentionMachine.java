package io.github.gptmoe.train.attention;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.github.gptmoe.core.kernel.KernelPlatform;
import io.github.gptmoe.train.report.SystemMemory;

/**
 * The machine that attention is timed on.
 *
 * @param device where runs compute
 * @param name processor or GPU
 * @param threads threads of one operation
 * @param libtorch version of libtorch
 * @param kernels fingerprint of our kernels
 * @param availableBytes memory that new arrays can have now
 */
record AttentionMachine(Device device, String name, int threads, String libtorch, String kernels, long availableBytes) {

    /** This machine, with the device that runs take. */
    static AttentionMachine here() {
        int threads = KernelPlatform.threads(); // loads the engine
        Device device = Engine.getEngine("PyTorch").defaultDevice();
        return new AttentionMachine(
                device,
                DeviceName.of(device),
                threads,
                KernelPlatform.libtorch(),
                KernelPlatform.attentionFingerprint(),
                SystemMemory.availableBytes());
    }
}
