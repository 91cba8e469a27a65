package io.github.gptmoe.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.gptmoe.core.kernel.SgdKernels.Sgd;
import io.github.gptmoe.core.naive.Samples;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StochasticRoundingTest {
    /** Between 1/2 and 1, BF16 numbers are this far apart. */
    private static final double SPACING = 0x1p-8;

    @BeforeEach
    void enter() {
        KernelModule.enter();
    }

    /** BF16 weights after {@code w -= step}, rounded with the noise of one update. */
    private static double[] stepped(
            NDManager scope, double[] start, double step, long seed, long update, String name, long from) {
        NDArray weights = KernelCheck.array(scope, Precision.BF16, start, start.length);
        step(weights, scope.full(new Shape(start.length), (float) step), seed, update, name, from);
        return KernelCheck.doubles(scope, weights);
    }

    private static void step(NDArray weights, NDArray gradient, long seed, long update, String name, long from) {
        StochasticRounding rounding = new StochasticRounding(seed, List.of(name), List.of(from));
        SgdKernels.sgd(
                new WeightArrays(new NDList(weights), new NDList(), new NDList(gradient), rounding),
                new NDList(),
                new Sgd(update, 1, 0, false, 0, 0, 1));
    }

    private static double[] constant(int size, double value) {
        double[] values = new double[size];
        Arrays.fill(values, value);
        return values;
    }

    /** A value at share f of the way to its lower neighbour goes there with probability f, and nowhere else. */
    @ParameterizedTest
    @ValueSource(doubles = {0.001, 0.1, 0.25, 0.5, 0.9, 0.999})
    void theNearerNeighbourIsAsMuchMoreProbable(double share) {
        try (NDManager scope = NDManager.newBaseManager()) {
            int size = 1 << 18;
            double[] rounded = stepped(scope, constant(size, 0.75), share * SPACING, 7, 3, "a.weight", 0);
            int lower = 0;
            for (double value : rounded) {
                assertThat(value).isIn(0.75, 0.75 - SPACING);
                lower += value < 0.75 ? 1 : 0;
            }
            double deviation = Math.sqrt(share * (1 - share) / size);
            assertThat((double) lower / size).isCloseTo(share, within(4 * deviation));
        }
    }

    /** The same of negative numbers, of numbers on the grid, and of infinities. */
    @Test
    void numbersThatAreExactStay() {
        try (NDManager scope = NDManager.newBaseManager()) {
            double[] exact = Samples.roundToBf16(Samples.normal(5, 5001, 3));
            exact[17] = Double.POSITIVE_INFINITY;
            exact[18] = Double.NEGATIVE_INFINITY;
            assertThat(stepped(scope, exact, 0, 7, 3, "a.weight", 0)).isEqualTo(exact);
            double[] nan = stepped(scope, new double[] {Double.NaN, 1}, 0, 7, 3, "a.weight", 0);
            assertThat(nan).containsExactly(Double.NaN, 1);
        }
    }

    /** Steps of a sixteenth of the spacing: rounded to the nearest, weights would never move. */
    @Test
    void manySmallStepsArriveOnAverage() {
        try (NDManager scope = NDManager.newBaseManager()) {
            int size = 4096;
            int updates = 400;
            double step = SPACING / 16;
            NDArray weights = KernelCheck.array(scope, Precision.BF16, constant(size, 0.99609375), size);
            NDArray gradient = scope.full(new Shape(size), (float) step);
            for (int update = 1; update <= updates; update++) {
                step(weights, gradient, 1, update, "a.weight", 0);
            }
            double mean = 0;
            double square = 0;
            for (double value : KernelCheck.doubles(scope, weights)) {
                mean += value / size;
                square += value * value / size;
            }
            // Independent roundings: updates * f (1 - f) spacings squared.
            double variance = updates * (1.0 / 16) * (15.0 / 16) * SPACING * SPACING;
            assertThat(mean).isCloseTo(0.99609375 - updates * step, within(4 * Math.sqrt(variance / size)));
            assertThat(square - mean * mean).isBetween(0.9 * variance, 1.1 * variance);
        }
    }

    @Test
    void noiseDependsOnSeedUpdateNameAndElementAlone() {
        try (NDManager scope = NDManager.newBaseManager()) {
            int size = 1 << 18;
            double[] start = constant(size, 0.75);
            double[] base = stepped(scope, start, SPACING / 2, 7, 3, "a.weight", 0);
            assertThat(stepped(scope, start, SPACING / 2, 7, 3, "a.weight", 0)).isEqualTo(base);
            // A pair of independent noises agrees half of the time.
            double[][] others = {
                stepped(scope, start, SPACING / 2, 8, 3, "a.weight", 0),
                stepped(scope, start, SPACING / 2, 7, 4, "a.weight", 0),
                stepped(scope, start, SPACING / 2, 7, 3, "b.weight", 0),
                stepped(scope, start, SPACING / 2, 7, 3, "a.weight", size),
                shifted(base, 1),
                shifted(base, 2),
                shifted(base, 256),
            };
            for (double[] other : others) {
                int same = 0;
                for (int i = 0; i < size; i++) {
                    same += base[i] == other[i] ? 1 : 0;
                }
                assertThat((double) same / size).isCloseTo(0.5, within(0.005));
            }
        }
    }

    private static double[] shifted(double[] values, int by) {
        double[] shifted = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            shifted[i] = values[(i + by) % values.length];
        }
        return shifted;
    }

    @Test
    void partsAreRoundedAsTheWhole() {
        try (NDManager scope = NDManager.newBaseManager()) {
            int size = (1 << 19) + 77;
            double[] start = Samples.roundToBf16(Samples.normal(3, size, 1));
            double[] whole = stepped(scope, start, 1e-3, 7, 3, "a.weight", 0);
            for (int cut : new int[] {256, 131_072, 131_328, 1 << 19}) {
                double[] head = Arrays.copyOf(start, cut);
                double[] tail = Arrays.copyOfRange(start, cut, size);
                assertThat(stepped(scope, head, 1e-3, 7, 3, "a.weight", 0)).isEqualTo(Arrays.copyOf(whole, cut));
                assertThat(stepped(scope, tail, 1e-3, 7, 3, "a.weight", cut))
                        .isEqualTo(Arrays.copyOfRange(whole, cut, size));
            }
        }
    }

    /** Parameters beyond 2^32 elements have noise there too; indices are taken modulo 2^33. */
    @Test
    void farElementsHaveNoise() {
        try (NDManager scope = NDManager.newBaseManager()) {
            double[] far = stepped(scope, constant(4096, 0.75), SPACING / 2, 7, 3, "a.weight", 1L << 34);
            assertThat(Arrays.stream(far).distinct().count()).isEqualTo(2);
        }
    }

    @Test
    void partsBeginAtEvenElements() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StochasticRounding(1, List.of("a"), List.of(3L)))
                .withMessageContaining("even");
    }
}
