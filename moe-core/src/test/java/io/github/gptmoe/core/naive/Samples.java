package io.github.gptmoe.core.naive;

import java.util.Arrays;
import java.util.Random;

/** Seeded random values, and the roundings that bring them to a floating-point format. */
public final class Samples {
    private Samples() {}

    /** Normal values around 0, each exactly an FP32 number. */
    public static double[] normal(long seed, int size, double std) {
        return normal(seed, size, 0, std);
    }

    /** Normal values, each exactly an FP32 number. */
    public static double[] normal(long seed, int size, double mean, double std) {
        Random random = new Random(seed);
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (mean + std * random.nextGaussian());
        }
        return values;
    }

    /** Rounds to BF16, nearest even, by arithmetic on the bits of the FP32 number. */
    public static float roundToBf16(float value) {
        if (Float.isNaN(value)) {
            return value;
        }
        int bits = Float.floatToRawIntBits(value);
        int even = (bits >>> 16) & 1;
        return Float.intBitsToFloat((bits + 0x7fff + even) & 0xffff0000);
    }

    /** Rounds every value to BF16. */
    public static double[] roundToBf16(double[] values) {
        double[] rounded = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            rounded[i] = roundToBf16((float) values[i]);
        }
        return rounded;
    }

    /** Rounds to FP16, nearest even; beyond the largest number to infinity. */
    public static double roundToFp16(double value) {
        if (!Double.isFinite(value)) {
            return value;
        }
        double spacing = Math.scalb(1.0, Math.max(Math.getExponent(value), -14) - 10);
        double rounded = Math.rint(value / spacing) * spacing;
        return Math.abs(rounded) > 65504 ? Math.copySign(Double.POSITIVE_INFINITY, value) : rounded;
    }

    /** Rounds every value to FP16. */
    public static double[] roundToFp16(double[] values) {
        return Arrays.stream(values).map(Samples::roundToFp16).toArray();
    }

    /** The values as FP32. */
    public static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** The values as FP64. */
    public static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    /** The largest magnitude. */
    public static double largest(double[] values) {
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }
}
