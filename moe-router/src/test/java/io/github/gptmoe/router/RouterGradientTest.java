package io.github.gptmoe.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients under autograd against central differences of the float64 loops. */
class RouterGradientTest {
    private static final double STEP = 1e-6;

    @AfterEach
    void switchAutogradOff() {
        JniUtils.setGradMode(false);
    }

    @ParameterizedTest
    @CsvSource({"2, 1, false", "2, 2, true", "1, 1, true", "inf, 1, false", "inf, 3, true"})
    void auxiliaryLossHasTheGradientOfTheLoops(String norm, int rivals, boolean padded) {
        RouterCase inputs = new RouterCase(12, 6, 5, padded, 5);
        double gamma = 1.1;
        LargeMarginConfig config = new LargeMarginConfig(0.5, 0.2, null, null, norm, gamma, 0.7, null, rivals);
        double[][] fixed = RouterCase.widen(inputs.w);
        BiFunction<double[][], double[][], Double> loss = (x, w) -> {
            NaiveRouter naive = new NaiveRouter(x, w, inputs.valid, fixed, norm, gamma, rivals);
            return 0.5 * naive.balanceLoss + 0.2 * naive.zLoss + 0.7 * naive.marginLoss;
        };
        assertGradients(inputs, config, Routing::auxiliaryLoss, loss);
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void gateHasTheGradientOfTheLoops(boolean padded) {
        RouterCase inputs = new RouterCase(12, 6, 5, padded, 6);
        double[][] fixed = RouterCase.widen(inputs.w);
        BiFunction<double[][], double[][], Double> loss = (x, w) -> {
            double[] gate = new NaiveRouter(x, w, inputs.valid, fixed, "2", 1, 1).gate;
            double sum = 0;
            for (int t = 0; t < gate.length; t++) {
                sum += (t % 5 - 1.5) * gate[t];
            }
            return sum;
        };
        Function<Routing, NDArray> weighted = routing -> {
            NDArray gateT = routing.gateT();
            float[] factors = new float[inputs.x.length];
            for (int t = 0; t < factors.length; t++) {
                factors[t] = t % 5 - 1.5f;
            }
            return gateT.mul(gateT.getManager().create(factors)).sum();
        };
        assertGradients(inputs, Top1Config.defaults(), weighted, loss);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2", "inf"})
    void noGradientFlowsThroughTheDenominator(String norm) {
        RouterCase inputs = new RouterCase(12, 6, 5, false, 5);
        LargeMarginConfig config = new LargeMarginConfig(null, null, null, null, norm, 1.1, 1.0, null, 1);
        double[][] x = RouterCase.widen(inputs.x);
        double[][] fixed = RouterCase.widen(inputs.w);
        double[][] through = differences(
                RouterCase.widen(inputs.w), w -> new NaiveRouter(x, w, inputs.valid, w, norm, 1.1, 1).marginLoss);
        double[][] around = differences(
                RouterCase.widen(inputs.w), w -> new NaiveRouter(x, w, inputs.valid, fixed, norm, 1.1, 1).marginLoss);
        double[][] actual = gradients(inputs, config, Routing::marginLoss)[1];
        assertThat(largestDifference(actual, around)).isLessThan(1e-4);
        assertThat(largestDifference(actual, through)).isGreaterThan(0.05);
    }

    /**
     * The same at a size whose differences are formed in several parts. Each token inside the margin pulls its expert's
     * row by -x / norm and pushes its nearest rival's by x / norm.
     */
    @ParameterizedTest
    @ValueSource(strings = {"1", "2", "inf"})
    void noGradientFlowsThroughADenominatorMadeInParts(String norm) {
        RouterCase inputs = new RouterCase(4, 1031, 37, false, 6);
        LargeMarginConfig config = new LargeMarginConfig(null, null, null, null, norm, 1e6, 1.0, null, 1);
        double[][] x = RouterCase.widen(inputs.x);
        double[][] w = RouterCase.widen(inputs.w);
        double[][] expected = new double[w.length][w[0].length];
        NaiveRouter naive = inputs.naive(norm, 1e6, 1);
        for (int t = 0; t < x.length; t++) {
            int chosen = naive.ids[t];
            for (int rival = 0; rival < w.length; rival++) {
                double length = NaiveRouter.distance(w[chosen], w[rival], norm) + 1e-8;
                double distance = (NaiveRouter.dot(x[t], w[chosen]) - NaiveRouter.dot(x[t], w[rival])) / length;
                if (rival == chosen || distance > naive.nearest[t]) {
                    continue;
                }
                for (int d = 0; d < x[t].length; d++) {
                    expected[chosen][d] -= x[t][d] / length / x.length;
                    expected[rival][d] += x[t][d] / length / x.length;
                }
            }
        }
        double[][] actual = gradients(inputs, config, Routing::marginLoss)[1];
        double scale = largestDifference(expected, new double[w.length][w[0].length]);
        assertThat(largestDifference(actual, expected)).isLessThan(1e-4 * scale);
    }

    @Test
    void distancesAndIdsCarryNoGradient() {
        RouterCase inputs = new RouterCase(12, 6, 5, true, 5);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray hidden = inputs.hidden(manager);
            JniUtils.setGradMode(true);
            hidden.setRequiresGradient(true);
            Routing routing = inputs.build(LargeMarginConfig.defaults())
                    .route(
                            hidden,
                            new NDList(inputs.weight(manager)),
                            new RoutingContext(true, 0, 0, inputs.mask(manager)));
            for (NDArray array : List.of(routing.marginDistanceT(), routing.expertIdsT())) {
                assertThatThrownBy(() -> backward(array.sum())).hasMessageContaining("does not require grad");
            }
            assertThatCode(() -> backward(routing.gateT().sum())).doesNotThrowAnyException();
        }
    }

    private static void backward(NDArray scalar) {
        JniUtils.backward((PtNDArray) scalar, (PtNDArray) scalar.onesLike(), false, false);
    }

    private static void assertGradients(
            RouterCase inputs,
            RouterConfig config,
            Function<Routing, NDArray> scalar,
            BiFunction<double[][], double[][], Double> naive) {
        double[][] x = RouterCase.widen(inputs.x);
        double[][] w = RouterCase.widen(inputs.w);
        double[][][] actual = gradients(inputs, config, scalar);
        assertClose(actual[0], differences(RouterCase.widen(inputs.x), moved -> naive.apply(moved, w)));
        assertClose(actual[1], differences(RouterCase.widen(inputs.w), moved -> naive.apply(x, moved)));
    }

    /** Gradients with respect to the hidden states and the weight. */
    private static double[][][] gradients(RouterCase inputs, RouterConfig config, Function<Routing, NDArray> scalar) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray hidden = inputs.hidden(manager);
            NDArray weight = inputs.weight(manager);
            JniUtils.setGradMode(true);
            hidden.setRequiresGradient(true);
            weight.setRequiresGradient(true);
            Routing routing = inputs.build(config)
                    .route(hidden, new NDList(weight), new RoutingContext(true, 0, 0, inputs.mask(manager)));
            backward(scalar.apply(routing));
            JniUtils.setGradMode(false);
            return new double[][][] {rows(hidden.getGradient()), rows(weight.getGradient())};
        }
    }

    private static double[][] rows(NDArray gradient) {
        float[] flat = gradient.toFloatArray();
        int columns = (int) gradient.getShape().get(1);
        double[][] rows = new double[flat.length / columns][columns];
        for (int i = 0; i < flat.length; i++) {
            rows[i / columns][i % columns] = flat[i];
        }
        return rows;
    }

    private static double[][] differences(double[][] at, Function<double[][], Double> function) {
        double[][] gradient = new double[at.length][at[0].length];
        for (int i = 0; i < at.length; i++) {
            for (int j = 0; j < at[i].length; j++) {
                double kept = at[i][j];
                at[i][j] = kept + STEP;
                double above = function.apply(at);
                at[i][j] = kept - STEP;
                double below = function.apply(at);
                at[i][j] = kept;
                gradient[i][j] = (above - below) / (2 * STEP);
            }
        }
        return gradient;
    }

    private static void assertClose(double[][] actual, double[][] expected) {
        double scale = largestDifference(expected, new double[expected.length][expected[0].length]);
        assertThat(scale).as("the gradient that is checked").isGreaterThan(1e-3);
        assertThat(largestDifference(actual, expected)).isCloseTo(0, within(1e-4 * Math.max(1, scale)));
    }

    private static double largestDifference(double[][] a, double[][] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[i].length; j++) {
                largest = Math.max(largest, Math.abs(a[i][j] - b[i][j]));
            }
        }
        return largest;
    }
}
