package io.github.gptmoe.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every number of a routing against loops in float64. */
class RouterParityTest {
    private static final Offset<Double> CLOSE = within(2e-5);

    @ParameterizedTest
    @CsvSource({
        "7, 5, 2, false, 2, 1",
        "64, 16, 8, false, 2, 1",
        "33, 19, 11, true, 2, 1",
        "33, 19, 11, true, 1, 1",
        "33, 19, 11, true, inf, 1",
        "50, 24, 7, true, 2, 3",
        "50, 24, 7, false, 1, 6",
        "9, 3, 2, true, inf, 1",
        "1, 4, 3, false, 2, 2",
        // More differences of weights than are held at once, and a last part that is not full.
        "5, 1031, 37, true, 1, 2",
        "5, 1031, 37, true, inf, 2",
    })
    void largeMarginMatchesLoops(int tokens, int width, int experts, boolean padded, String norm, int rivals) {
        RouterCase inputs = new RouterCase(tokens, width, experts, padded, 41L * tokens + width);
        double gamma = norm.equals("1") ? 0.2 : 0.9;
        LargeMarginConfig config = new LargeMarginConfig(0.02, 0.003, null, null, norm, gamma, 0.04, 10L, rivals);
        NaiveRouter naive = inputs.naive(norm, gamma, rivals);
        assertThat(naive.marginLoss).isPositive();
        try (NDManager manager = NDManager.newBaseManager()) {
            Routing routing = inputs.route(manager, config, true, 4, 0);
            assertDecision(routing, naive);
            assertThat(value(routing.marginLoss())).isCloseTo(naive.marginLoss, CLOSE);
            double expected = 0.02 * naive.balanceLoss + 0.003 * naive.zLoss + 0.04 * 0.4 * naive.marginLoss;
            assertThat(value(routing.auxiliaryLoss())).isCloseTo(expected, CLOSE);
            float[] distances = routing.marginDistanceT().toFloatArray();
            for (int t = 0; t < tokens; t++) {
                assertThat((double) distances[t]).isCloseTo(naive.nearest[t], within(2e-4));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"7, 5, 2, false", "64, 16, 8, true", "33, 19, 11, true", "100, 8, 1, true", "300, 48, 33, false"})
    void top1MatchesLoops(int tokens, int width, int experts, boolean padded) {
        RouterCase inputs = new RouterCase(tokens, width, experts, padded, 7L * tokens);
        NaiveRouter naive = inputs.naive("2", 1, 1);
        try (NDManager manager = NDManager.newBaseManager()) {
            Routing routing = inputs.route(manager, new Top1Config(0.02, 0.003, null, null), true, 0, 0);
            assertDecision(routing, naive);
            assertThat(value(routing.marginLoss())).isZero();
            assertThat(routing.marginDistanceT()).isNull();
            assertThat(value(routing.auxiliaryLoss())).isCloseTo(0.02 * naive.balanceLoss + 0.003 * naive.zLoss, CLOSE);
        }
    }

    @Test
    void shapesAndTypesAreThePromisedOnes() {
        RouterCase inputs = new RouterCase(6, 4, 3, false, 1);
        try (NDManager manager = NDManager.newBaseManager()) {
            Routing routing = inputs.route(manager, LargeMarginConfig.defaults(), false, 0, 0);
            assertThat(routing.expertIdsT().getDataType()).isEqualTo(DataType.INT64);
            assertThat(routing.expertIdsT().getShape()).isEqualTo(new Shape(6));
            assertThat(routing.gateT().getShape()).isEqualTo(new Shape(6));
            assertThat(routing.marginDistanceT().getShape()).isEqualTo(new Shape(6));
            for (NDArray loss : Arrays.asList(
                    routing.balanceLoss(), routing.marginLoss(), routing.zLoss(), routing.auxiliaryLoss())) {
                assertThat(loss.getShape()).isEqualTo(new Shape());
                assertThat(loss.getDataType()).isEqualTo(DataType.FLOAT32);
            }
        }
    }

    @Test
    void zLossIsZeroWhenSwitchedOff() {
        RouterCase inputs = new RouterCase(6, 4, 3, false, 1);
        try (NDManager manager = NDManager.newBaseManager()) {
            Routing routing = inputs.route(manager, Top1Config.defaults(), true, 0, 0);
            assertThat(value(routing.zLoss())).isZero();
            assertThat(value(routing.auxiliaryLoss())).isCloseTo(0.01 * value(routing.balanceLoss()), within(1e-7));
        }
    }

    @Test
    void zLossIsStableForLargeLogits() {
        RouterCase inputs = new RouterCase(4, 3, 5, false, 2);
        for (float[] row : inputs.x) {
            for (int i = 0; i < row.length; i++) {
                row[i] *= 1000;
            }
        }
        double expected = inputs.naive("2", 1, 1).zLoss;
        assertThat(Math.sqrt(expected)).as("beyond the range of exp in FP32").isGreaterThan(100);
        try (NDManager manager = NDManager.newBaseManager()) {
            Routing routing = inputs.route(manager, new Top1Config(null, 0.001, null, null), true, 0, 0);
            assertThat(value(routing.zLoss())).isCloseTo(expected, within(1e-5 * expected));
        }
    }

    private static void assertDecision(Routing routing, NaiveRouter naive) {
        long[] ids = Arrays.stream(naive.ids).asLongStream().toArray();
        assertThat(routing.expertIdsT().toLongArray()).containsExactly(ids);
        float[] gates = routing.gateT().toFloatArray();
        for (int t = 0; t < gates.length; t++) {
            assertThat((double) gates[t]).isCloseTo(naive.gate[t], CLOSE);
        }
        assertThat(value(routing.balanceLoss())).isCloseTo(naive.balanceLoss, CLOSE);
        assertThat(value(routing.zLoss())).isCloseTo(naive.zLoss, within(1e-4));
    }

    private static double value(NDArray scalar) {
        return scalar.getFloat();
    }
}
