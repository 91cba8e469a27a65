package io.github.gptmoe.core.model;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Initial values of a parameter.
 *
 * @param mean mean, or the constant when {@code std} is 0
 * @param std standard deviation of a normal distribution
 */
public record Start(double mean, double std) {
    /** Held from seeding the engine's generator to drawing from it: the generator is the process's, threads are ranks. */
    private static final Object GENERATOR = new Object();

    static Start normal(double std) {
        return new Start(0, std);
    }

    static Start constant(double value) {
        return new Start(value, 0);
    }

    /**
     * Values that depend on the seed and the parameter's name only, so a model built in another order, or in parts, starts
     * from the same numbers. FP32, attached to {@code owner}.
     */
    NDArray draw(NDManager owner, Shape shape, String name, long seed) {
        if (std == 0) {
            return owner.full(shape, (float) mean);
        }
        CRC32C hash = new CRC32C();
        hash.update(name.getBytes(StandardCharsets.UTF_8));
        synchronized (GENERATOR) {
            Engine.getEngine("PyTorch").setRandomSeed((int) (seed * 0x9E3779B1L + hash.getValue()));
            return owner.randomNormal((float) mean, (float) std, shape, DataType.FLOAT32);
        }
    }
}
