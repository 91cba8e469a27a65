package io.github.gptmoe.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold for every router: purity, indifference to padding, finite edges, no array left behind. */
class RouterPropertyTest {
    /** Every router once with its defaults; a new router is added here. */
    static List<RouterConfig> configs() {
        List<RouterConfig> configs = new ArrayList<>(jittered());
        configs.add(Top1Config.defaults());
        configs.add(LargeMarginConfig.defaults());
        return configs;
    }

    static List<RouterConfig> jittered() {
        return List.of(
                new Top1Config(null, 0.001, 0.1, null),
                new LargeMarginConfig(null, 0.001, 0.1, null, "2", null, null, null, null),
                new LargeMarginConfig(null, 0.001, 0.1, null, "1", null, null, null, 2),
                new LargeMarginConfig(null, 0.001, 0.1, null, "inf", null, null, 100L, 3));
    }

    @ParameterizedTest
    @MethodSource("configs")
    void sameInputGivesTheSameBits(RouterConfig config) {
        RouterCase inputs = new RouterCase(200, 32, 9, true, 3);
        try (NDManager manager = NDManager.newBaseManager()) {
            List<ByteBuffer> once = bits(inputs.route(manager, config, true, 50, 77));
            assertThat(bits(inputs.route(manager, config, true, 50, 77))).isEqualTo(once);
        }
    }

    @ParameterizedTest
    @MethodSource("jittered")
    void jitterActsInTrainingOnlyAndLeavesTheEnginesRandomStateAlone(RouterConfig config) {
        RouterCase inputs = new RouterCase(40, 16, 6, false, 4);
        try (NDManager manager = NDManager.newBaseManager()) {
            List<ByteBuffer> calm = bits(inputs.route(manager, config, false, 50, 1));
            assertThat(bits(inputs.route(manager, config, false, 50, 2))).isEqualTo(calm);
            assertThat(bits(inputs.route(manager, config, true, 50, 1)))
                    .isNotEqualTo(bits(inputs.route(manager, config, true, 50, 2)));
            manager.getEngine().setRandomSeed(5);
            float[] expected = manager.randomNormal(new Shape(4)).toFloatArray();
            manager.getEngine().setRandomSeed(5);
            assertThat(bits(inputs.route(manager, config, true, 50, 1))).isNotEqualTo(calm);
            assertThat(manager.randomNormal(new Shape(4)).toFloatArray()).containsExactly(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void paddedRowsChangeNoLossAndNoDecision(RouterConfig config) {
        RouterCase inputs = new RouterCase(50, 16, 6, false, 5);
        try (NDManager manager = NDManager.newBaseManager()) {
            Router router = inputs.build(config);
            NDList weights = new NDList(inputs.weight(manager));
            NDArray hidden = inputs.hidden(manager);
            NDArray padded =
                    hidden.concat(manager.randomNormal(new Shape(13, 16)).mul(3));
            NDArray mask = manager.ones(new Shape(50)).concat(manager.zeros(new Shape(13)));
            Routing plain = router.route(hidden, weights, new RoutingContext(true, 50, 9, null));
            Routing longer = router.route(padded, weights, new RoutingContext(true, 50, 9, mask));
            assertThat(longer.expertIdsT().get("0:50").toLongArray())
                    .containsExactly(plain.expertIdsT().toLongArray());
            assertThat(longer.gateT().get("0:50").toFloatArray())
                    .containsExactly(plain.gateT().toFloatArray(), within(1e-6f));
            assertThat(longer.expertIdsT().get("50:").toLongArray()).containsOnly(6);
            assertThat(longer.gateT().get("50:").toFloatArray()).containsOnly(0);
            List<NDArray> expected = losses(plain);
            List<NDArray> actual = losses(longer);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i).getFloat()).isCloseTo(expected.get(i).getFloat(), within(2e-6f));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void noRealTokenGivesZeros(RouterConfig config) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Router router = config.build(8, 5);
            NDList weights = new NDList(manager.randomNormal(new Shape(5, 8)));
            Routing padding = router.route(
                    manager.randomNormal(new Shape(7, 8)),
                    weights,
                    new RoutingContext(true, 50, 1, manager.zeros(new Shape(7))));
            assertThat(padding.expertIdsT().toLongArray()).containsOnly(5).hasSize(7);
            assertThat(padding.gateT().toFloatArray()).containsOnly(0).hasSize(7);
            Routing nothing =
                    router.route(manager.zeros(new Shape(0, 8)), weights, new RoutingContext(true, 50, 1, null));
            assertThat(nothing.expertIdsT().getShape()).isEqualTo(new Shape(0));
            for (Routing routing : List.of(padding, nothing)) {
                assertThat(losses(routing))
                        .allSatisfy(loss -> assertThat(loss.getFloat()).isZero());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void onlyTheRoutingStaysAttached(RouterConfig config) {
        RouterCase inputs = new RouterCase(30, 16, 6, true, 6);
        try (NDManager model = NDManager.newBaseManager();
                NDManager step = model.newSubManager()) {
            NDList weights = new NDList(inputs.weight(model));
            Router router = inputs.build(config);
            RoutingContext context = new RoutingContext(true, 50, 1, inputs.mask(step));
            NDArray hidden = inputs.hidden(step);
            int modelBefore =
                    model.getManagedArrays().size() - step.getManagedArrays().size();
            int stepBefore = step.getManagedArrays().size();
            int calls = 20;
            int kept = 0;
            for (int i = 0; i < calls; i++) {
                Routing routing = router.route(hidden, weights, context);
                kept += routing.marginDistanceT() == null ? 6 : 7;
                assertThat(routing.gateT().getManager()).isSameAs(step);
            }
            assertThat(step.getManagedArrays()).hasSize(stepBefore + kept);
            assertThat(model.getManagedArrays().size() - step.getManagedArrays().size())
                    .isEqualTo(modelBefore);
        }
    }

    @Test
    void movingATokenByItsDistanceTiesTheLogits() {
        RouterCase inputs = new RouterCase(40, 16, 6, false, 7);
        try (NDManager manager = NDManager.newBaseManager()) {
            Routing routing = inputs.route(manager, LargeMarginConfig.defaults(), false, 0, 0);
            long[] ids = routing.expertIdsT().toLongArray();
            float[] distances = routing.marginDistanceT().toFloatArray();
            double[][] w = RouterCase.widen(inputs.w);
            double[][] x = RouterCase.widen(inputs.x);
            for (int t = 0; t < ids.length; t++) {
                double[] chosen = w[(int) ids[t]];
                int tied = 0;
                for (double[] rival : w) {
                    if (rival == chosen) {
                        continue;
                    }
                    double length = NaiveRouter.distance(chosen, rival, "2");
                    double[] moved = x[t].clone();
                    for (int d = 0; d < moved.length; d++) {
                        moved[d] -= distances[t] * (chosen[d] - rival[d]) / length;
                    }
                    double gap = NaiveRouter.dot(moved, chosen) - NaiveRouter.dot(moved, rival);
                    assertThat(gap).as("no rival is nearer").isGreaterThan(-1e-5);
                    tied += Math.abs(gap) < 1e-5 ? 1 : 0;
                }
                assertThat(tied).isEqualTo(1);
            }
        }
    }

    @Test
    void theNearestRivalIsTheNearestBoundaryAndNotTheLargestLogit() {
        try (NDManager manager = NDManager.newBaseManager()) {
            // Logits 4, 2 and 3.5. The third is only 0.5 behind at |w0 - w2| = 0.5; the second is 2 behind at 10.
            NDArray weight = manager.create(new float[][] {{4, 0}, {2, (float) Math.sqrt(96)}, {3.5f, 0}});
            NDArray hidden = manager.create(new float[][] {{1, 0}});
            Routing routing = LargeMarginConfig.defaults()
                    .build(2, 3)
                    .route(hidden, new NDList(weight), RoutingContext.evaluation());
            assertThat(routing.marginDistanceT().toFloatArray()[0]).isCloseTo(0.2f, within(1e-6f));
        }
    }

    @Test
    void anEvenLoadHasBalanceLossOneAndACollapseMore() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray identity = manager.eye(6);
            Router router = Top1Config.defaults().build(6, 6);
            Routing even = router.route(identity.mul(3), new NDList(identity), RoutingContext.evaluation());
            assertThat(even.balanceLoss().getFloat()).isCloseTo(1f, within(1e-6f));
            NDArray same =
                    manager.ones(new Shape(6, 1)).matMul(identity.get("0:1")).mul(50);
            Routing collapsed = router.route(same, new NDList(identity), RoutingContext.evaluation());
            assertThat(collapsed.balanceLoss().getFloat()).isCloseTo(6f, within(1e-5f));
        }
    }

    @Test
    void theMarginWarmsUpLinearly() {
        RouterCase inputs = new RouterCase(40, 16, 6, false, 8);
        LargeMarginConfig config = new LargeMarginConfig(0.0, null, null, null, null, null, 0.5, 8L, null);
        try (NDManager manager = NDManager.newBaseManager()) {
            float full =
                    inputs.route(manager, config, true, 8, 0).auxiliaryLoss().getFloat();
            assertThat(full).isPositive();
            assertThat(inputs.route(manager, config, true, 0, 0).auxiliaryLoss().getFloat())
                    .isZero();
            assertThat(inputs.route(manager, config, true, 2, 0).auxiliaryLoss().getFloat())
                    .isCloseTo(full / 4, within(1e-6f));
            assertThat(inputs.route(manager, config, true, 99, 0)
                            .auxiliaryLoss()
                            .getFloat())
                    .isEqualTo(full);
        }
    }

    @Test
    void jitterIsUniformAroundOneAndPrefixStable() {
        float[] factors = new InputJitter(0.25f).factors(123, 100_001);
        assertThat(new InputJitter(0.25f).factors(123, 7)).containsExactly(Arrays.copyOf(factors, 7));
        double sum = 0;
        double squares = 0;
        for (float factor : factors) {
            assertThat(factor).isBetween(0.75f, 1.25f);
            sum += factor;
            squares += (factor - 1.0) * (factor - 1.0);
        }
        assertThat(sum / factors.length).isCloseTo(1, within(2e-3));
        assertThat(squares / factors.length).isCloseTo(0.25 * 0.25 / 3, within(5e-4));
    }

    @ParameterizedTest
    @MethodSource("configs")
    void wrongInputsAreRefused(RouterConfig config) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Router router = config.build(8, 5);
            NDArray hidden = manager.zeros(new Shape(3, 8));
            NDList weights = new NDList(manager.zeros(new Shape(5, 8)));
            RoutingContext context = RoutingContext.evaluation();
            assertThatThrownBy(() -> router.route(manager.zeros(new Shape(3, 7)), weights, context))
                    .hasMessageContaining("(3, 7)");
            assertThatThrownBy(() -> router.route(hidden, new NDList(manager.zeros(new Shape(4, 8))), context))
                    .hasMessageContaining("(4, 8)");
            assertThatThrownBy(() -> router.route(hidden.toType(DataType.FLOAT64, false), weights, context))
                    .hasMessageContaining("FP32");
            RoutingContext shortMask = new RoutingContext(true, 0, 0, manager.ones(new Shape(2)));
            assertThatThrownBy(() -> router.route(hidden, weights, shortMask)).hasMessageContaining("validT");
        }
    }

    private static List<NDArray> losses(Routing routing) {
        return List.of(routing.balanceLoss(), routing.marginLoss(), routing.zLoss(), routing.auxiliaryLoss());
    }

    private static List<ByteBuffer> bits(Routing routing) {
        List<NDArray> arrays = new ArrayList<>(losses(routing));
        arrays.add(routing.expertIdsT());
        arrays.add(routing.gateT());
        if (routing.marginDistanceT() != null) {
            arrays.add(routing.marginDistanceT());
        }
        return arrays.stream().map(NDArray::toByteBuffer).toList();
    }
}
