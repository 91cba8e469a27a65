package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.naive.FiniteDifferences;
import io.github.gptmoe.core.naive.Samples;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds one kernel against its float64 loop: values and gradients, in every precision. The gradient to meet is the central
 * difference of the loop, which in float64 is good to about 1e-9, far below the rounding of the kernel.
 */
final class KernelCheck {
    /** Half the spacing of BF16 numbers relative to their size: the most that one rounding changes a value. */
    static final double BF16_ROUNDING = 0x1p-8;
    /** The same for FP16. */
    static final double FP16_ROUNDING = 0x1p-11;

    private static final double FP32_TOLERANCE = 1e-5;

    /** The kernel under test on arrays of some precision. */
    interface Kernel {
        NDArray run(NDManager scope, NDList inputs);
    }

    /** The same function as a float64 loop. */
    interface Naive {
        double[] run(List<double[]> inputs);
    }

    /** A kernel under test that comes with its own backward. */
    interface Recorder {
        RoundTrip record(NDManager scope, NDList inputs);
    }

    /** A recorded forward. */
    interface RoundTrip {
        NDArray output();

        /** Gradients of the inputs before the first parameter; those of the parameters go to the accumulators. */
        NDList backward(NDManager scope, NDArray grad, Accumulators into);
    }

    private record Input(double[] values, Shape shape, boolean alwaysFp32) {}

    /** What the accumulators are: FP32 or of the run's precision, and what they hold before backward. */
    private enum Into {
        /** FP32, to be overwritten; they hold NaN, which a read would spread. */
        OVERWRITTEN(false, false),
        ADDED(false, true),
        LOW_OVERWRITTEN(true, false),
        LOW_ADDED(true, true);

        private static final float START = 2;

        private final boolean low;
        private final boolean add;

        Into(boolean low, boolean add) {
            this.low = low;
            this.add = add;
        }
    }

    private final List<Input> inputs = new ArrayList<>();
    private final Naive naive;
    private final Kernel kernel;
    private final Recorder recorder;
    private final int firstParameter;

    /** A kernel that autograd differentiates. */
    KernelCheck(Kernel kernel, Naive naive) {
        this.kernel = kernel;
        this.naive = naive;
        recorder = null;
        firstParameter = 0;
    }

    /** A kernel with a backward of its own; inputs from {@code firstParameter} on are parameters. */
    KernelCheck(int firstParameter, Recorder recorder, Naive naive) {
        this.firstParameter = firstParameter;
        this.recorder = recorder;
        this.naive = naive;
        kernel = null;
    }

    KernelCheck input(double[] values, long... shape) {
        inputs.add(new Input(values, new Shape(shape), false));
        return this;
    }

    /** An input that stays FP32 when the others are BF16 or FP16. */
    KernelCheck fp32Input(double[] values, long... shape) {
        inputs.add(new Input(values, new Shape(shape), true));
        return this;
    }

    /** Values and gradients in FP32: sums of a few dozen products of size 1, 100 times the rounding 6e-8 of each. */
    void fp32() {
        for (Into into : recorder == null ? List.of(Into.OVERWRITTEN) : List.of(Into.OVERWRITTEN, Into.ADDED)) {
            fp32(into);
        }
    }

    private void fp32(Into into) {
        try (NDManager scope = NDManager.newBaseManager()) {
            Run run = run(scope, Precision.FP32, into);
            double[] expected = naive.run(run.values);
            assertClose("value", run.output, expected, FP32_TOLERANCE * Math.max(1, Samples.largest(expected)));
            for (int i = 0; i < inputs.size(); i++) {
                double[] gradient = run.finiteDifference(i);
                assertClose(
                        into + " gradient of input " + i,
                        run.gradients.get(i),
                        gradient,
                        FP32_TOLERANCE * Math.max(1, Samples.largest(gradient)));
            }
        }
    }

    /**
     * Values and gradients in BF16 and in FP16, against the loop on the rounded inputs.
     *
     * @param roundings intermediate results that the kernel stores in the precision on the way to one output. Each is off
     *     by at most 2^-8 of its size (FP16: 2^-11), so values differ by at most that times the roundings, relative to the
     *     largest magnitude. Backward stores about as many again; its errors have random signs and are held to that in the Euclidean norm, or relative to 1, the size
     *     of the terms of a gradient, where these cancel
     */
    void low(int roundings) {
        for (Precision precision : List.of(Precision.BF16, Precision.FP16)) {
            for (Into into : recorder == null ? List.of(Into.OVERWRITTEN) : List.of(Into.values())) {
                low(precision, roundings, into);
            }
        }
    }

    private void low(Precision precision, int roundings, Into into) {
        try (NDManager scope = NDManager.newBaseManager()) {
            Run run = run(scope, precision, into);
            double[] expected = naive.run(run.values);
            double allowed = roundings * rounding(precision);
            assertClose(precision + " value", run.output, expected, allowed * Math.max(1, Samples.largest(expected)));
            for (int i = 0; i < inputs.size(); i++) {
                double[] gradient = run.finiteDifference(i);
                double[] error = new double[gradient.length];
                for (int k = 0; k < error.length; k++) {
                    error[k] = run.gradients.get(i)[k] - gradient[k];
                }
                assertThat(norm(error))
                        .as("%s %s gradient of input %d, norm of the error", precision, into, i)
                        .isLessThanOrEqualTo(2 * allowed * Math.max(1, norm(gradient)));
            }
        }
    }

    private final class Run {
        final List<double[]> values;
        final double[] output;
        final double[] seed;
        final List<double[]> gradients = new ArrayList<>();

        Run(List<double[]> values, double[] output, double[] seed) {
            this.values = values;
            this.output = output;
            this.seed = seed;
        }

        double[] finiteDifference(int input) {
            return FiniteDifferences.gradient(values.get(input), () -> FiniteDifferences.dot(seed, naive.run(values)));
        }
    }

    private Run run(NDManager scope, Precision precision, Into into) {
        List<double[]> values = new ArrayList<>();
        NDList leaves = new NDList();
        for (Input input : inputs) {
            Precision own = input.alwaysFp32 ? Precision.FP32 : precision;
            double[] rounded = rounded(own, input.values).clone();
            values.add(rounded);
            NDArray array = scope.create(Samples.floats(rounded), input.shape);
            leaves.add(Autograd.leaf(scope, own.cast(scope, array)));
        }
        if (recorder != null) {
            RoundTrip trip = recorder.record(scope, leaves);
            Run run = new Run(values, doubles(scope, trip.output()), seed(trip.output()));
            backward(scope, trip, run, precision, into);
            return run;
        }
        NDArray y = Autograd.recording(() -> kernel.run(scope, leaves));
        Run run = new Run(values, doubles(scope, y), seed(y));
        // All but the last as inputs, the last as a parameter with an accumulator: both ways out of the kernel vjp.
        int last = leaves.size() - 1;
        NDArray sum = scope.zeros(leaves.get(last).getShape());
        NDList gradients = Autograd.vjp(
                scope,
                new NDList(y),
                new NDList(like(scope, y, run.seed)),
                new NDList(leaves.subList(0, last)),
                new NDList(leaves.get(last)),
                new NDList(sum));
        gradients.forEach(gradient -> run.gradients.add(doubles(scope, gradient)));
        run.gradients.add(doubles(scope, sum));
        return run;
    }

    private void backward(NDManager scope, RoundTrip trip, Run run, Precision precision, Into into) {
        NDList sums = new NDList();
        for (Input input : inputs.subList(firstParameter, inputs.size())) {
            Precision own = input.alwaysFp32 || !into.low ? Precision.FP32 : precision;
            sums.add(own.cast(scope, scope.full(input.shape, into.add ? Into.START : Float.NaN)));
        }
        NDList gradients = trip.backward(scope, like(scope, trip.output(), run.seed), new Accumulators(sums, into.add));
        gradients.forEach(gradient -> run.gradients.add(doubles(scope, gradient)));
        for (NDArray sum : sums) {
            double[] gradient = doubles(scope, sum);
            for (int i = 0; into.add && i < gradient.length; i++) {
                gradient[i] -= Into.START;
            }
            run.gradients.add(gradient);
        }
    }

    private static double[] seed(NDArray output) {
        return Samples.roundToBf16(Samples.normal(99, (int) output.size(), 1));
    }

    private static NDArray like(NDManager scope, NDArray output, double[] values) {
        return Precision.of(output).cast(scope, scope.create(Samples.floats(values), output.getShape()));
    }

    /** The values as they are in a precision; inputs are drawn as FP32 numbers. */
    static double[] rounded(Precision precision, double[] values) {
        return switch (precision) {
            case FP32 -> values;
            case BF16 -> Samples.roundToBf16(values);
            case FP16 -> Samples.roundToFp16(values);
        };
    }

    /** The most that rounding to a precision of two bytes changes a value, relative to its size. */
    static double rounding(Precision precision) {
        return switch (precision) {
            case FP32 -> throw new IllegalArgumentException("FP32 is held to a tolerance of its own");
            case BF16 -> BF16_ROUNDING;
            case FP16 -> FP16_ROUNDING;
        };
    }

    /** The values of an array of any precision. */
    static double[] doubles(NDManager scope, NDArray array) {
        return Samples.doubles(Precision.FP32.cast(scope, array).toFloatArray());
    }

    /** An array of a precision; the values should be representable in it. */
    static NDArray array(NDManager scope, Precision precision, double[] values, long... shape) {
        return precision.cast(scope, scope.create(Samples.floats(values), new Shape(shape)));
    }

    static void assertClose(String what, double[] actual, double[] expected, double tolerance) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            double error = Math.abs(actual[i] - expected[i]);
            // Written so that NaN fails.
            if (!(error <= tolerance)) {
                throw new AssertionError(
                        "%s [%d] is %s, expected %s within %s".formatted(what, i, actual[i], expected[i], tolerance));
            }
        }
    }

    private static double norm(double[] values) {
        return Math.sqrt(FiniteDifferences.dot(values, values));
    }
}
