package io.github.gptmoe.core.naive;

import java.util.function.Supplier;

/** Gradients of a scalar function by central differences in float64. */
public final class FiniteDifferences {
    /** Truncation error about step^2, cancellation about 1e-16 / step: both near 1e-10 here. */
    private static final double STEP = 1e-5;

    private FiniteDifferences() {}

    /** The gradient with respect to {@code at}, which is changed and restored while {@code function} reads it. */
    public static double[] gradient(double[] at, Supplier<Double> function) {
        double[] gradient = new double[at.length];
        for (int i = 0; i < at.length; i++) {
            double saved = at[i];
            at[i] = saved + STEP;
            double above = function.get();
            at[i] = saved - STEP;
            double below = function.get();
            at[i] = saved;
            gradient[i] = (above - below) / (2 * STEP);
        }
        return gradient;
    }

    /** The scalar product, which turns a function with many outputs into one with a single output. */
    public static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
