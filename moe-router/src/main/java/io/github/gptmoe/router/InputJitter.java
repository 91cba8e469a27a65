package io.github.gptmoe.router;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * Multiplies the router's input by noise from U(1 - amplitude, 1 + amplitude) while training.
 *
 * <p>The noise is a hash of (seed, position), so it depends on nothing else: the engine's random state is neither read nor
 * moved, and rows appended to the batch leave the noise of the others as it was.
 */
final class InputJitter {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final float STEP_24_BITS = 1f / (1 << 24);

    private final float amplitude;

    InputJitter(float amplitude) {
        this.amplitude = amplitude;
    }

    /** Returns {@code hiddenTD} itself in evaluation or without amplitude, else a jittered copy in the scope. */
    NDArray apply(RoutingScope scope, NDArray hiddenTD, RoutingContext context) {
        if (!context.training() || amplitude == 0) {
            return hiddenTD;
        }
        Shape shape = hiddenTD.getShape();
        return hiddenTD.mul(scope.upload(factors(context.seed(), Math.toIntExact(shape.size())), shape));
    }

    /** Returns the first {@code size} factors of a seed. */
    float[] factors(long seed, int size) {
        float[] factors = new float[size];
        long key = mix(seed);
        for (int i = 0; i < size; i += 2) {
            long bits = mix(key + (i + 1) * GOLDEN_GAMMA);
            factors[i] = factor(bits >>> 40);
            if (i + 1 < size) {
                factors[i + 1] = factor(bits & 0xffffff);
            }
        }
        return factors;
    }

    private float factor(long bits24) {
        return 1 + amplitude * (2 * (bits24 * STEP_24_BITS) - 1);
    }

    /** The output function of SplitMix64 (Steele et al. 2014), a bijection that passes BigCrush on a plain counter. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
