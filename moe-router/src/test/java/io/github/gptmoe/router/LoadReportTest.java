package io.github.gptmoe.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class LoadReportTest {
    @Test
    void countsByHand() {
        long[] ids = {0, 0, 0, 1, 4, 2, 0, 0, 4, 1};
        long[] kept = {0, 0, 0, 1, 4, 2, 4, 4, 4, 1};
        float[] distances = {0.1f, 0.6f, 0.5f, 0.4f, 0, 2, 3, 4, 0, 0.2f};
        LoadReport report = LoadReport.Counter.of(4, ids, kept, distances, OptionalDouble.of(0.5))
                .report();
        assertThat(report.counts()).containsExactly(5L, 2L, 1L, 0L);
        assertThat(report.shares()).containsExactly(0.625, 0.25, 0.125, 0.0);
        assertThat(report.maxOverMean()).isCloseTo(2.5, within(1e-12));
        double entropy = -(0.625 * Math.log(0.625) + 0.25 * Math.log(0.25) + 0.125 * Math.log(0.125));
        assertThat(report.entropy()).isCloseTo(entropy, within(1e-12));
        assertThat(report.normalisedEntropy()).isCloseTo(entropy / Math.log(4), within(1e-12));
        assertThat(report.droppedShare()).isEqualTo(0.25);
        assertThat(report.insideMarginShare()).hasValue(0.375);
    }

    @Test
    void anEvenLoadIsFlat() {
        LoadReport report = new LoadReport.Counter(List.of(7L, 7L, 7L), 0, 0, 0).report();
        assertThat(report.maxOverMean()).isCloseTo(1, within(1e-12));
        assertThat(report.entropy()).isCloseTo(Math.log(3), within(1e-12));
        assertThat(report.normalisedEntropy()).isCloseTo(1, within(1e-12));
        assertThat(report.insideMarginShare()).isEmpty();
    }

    @Test
    void oneExpertAndNoTokenAreNotDividedByZero() {
        LoadReport single = new LoadReport.Counter(List.of(3L), 0, 0, 0).report();
        assertThat(single.normalisedEntropy()).isEqualTo(1);
        assertThat(single.maxOverMean()).isEqualTo(1);
        LoadReport nothing = LoadReport.Counter.empty(3).report();
        assertThat(nothing.shares()).containsExactly(0.0, 0.0, 0.0);
        assertThat(List.of(
                        nothing.maxOverMean(), nothing.entropy(), nothing.normalisedEntropy(), nothing.droppedShare()))
                .containsOnly(0.0);
        assertThat(LoadReport.Counter.empty(1).report().normalisedEntropy()).isZero();
    }

    @Test
    void countersAddUpToTheCounterOfAllTokens() {
        long[] first = {0, 1, 1, 2};
        long[] second = {2, 2, 3, 0};
        float[] near = {0, 1, 0, 1};
        OptionalDouble margin = OptionalDouble.of(0.5);
        LoadReport.Counter sum = LoadReport.Counter.of(3, first, new long[] {0, 1, 3, 2}, near, margin)
                .plus(LoadReport.Counter.of(3, second, second, near, margin))
                .plus(LoadReport.Counter.empty(3));
        LoadReport.Counter all = LoadReport.Counter.of(
                3,
                new long[] {0, 1, 1, 2, 2, 2, 3, 0},
                new long[] {0, 1, 3, 2, 2, 2, 3, 0},
                new float[] {0, 1, 0, 1, 0, 1, 0, 1},
                margin);
        assertThat(sum).isEqualTo(all);
        assertThat(all).isEqualTo(new LoadReport.Counter(List.of(2L, 2L, 3L), 1, 7, 3));
        assertThat(all.tokens()).isEqualTo(7);
        assertThatThrownBy(() -> sum.plus(LoadReport.Counter.empty(4))).hasMessageContaining("do not add up");
    }

    @Test
    void readsARouting() {
        RouterCase inputs = new RouterCase(50, 8, 4, true, 9);
        NaiveRouter naive = inputs.naive("2", 0.5, 1);
        long valid = 0;
        long inside = 0;
        for (int t = 0; t < 50; t++) {
            valid += inputs.valid[t] ? 1 : 0;
            inside += inputs.valid[t] && naive.nearest[t] < 0.5 ? 1 : 0;
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            LargeMarginConfig config = LargeMarginConfig.defaults();
            Routing routing = inputs.route(manager, config, false, 0, 0);
            LoadReport.Counter counter = LoadReport.Counter.of(inputs.build(config), routing);
            assertThat(counter.tokens()).isEqualTo(valid);
            assertThat(counter.insideMargin()).isEqualTo(inside).isPositive();
            long[] kept = Capacity.limit(routing.expertIdsT().toLongArray(), 4, 0.5, 1);
            assertThat(LoadReport.Counter.of(inputs.build(config), routing, kept)
                            .dropped())
                    .isPositive();
            Routing plain = inputs.route(manager, Top1Config.defaults(), false, 0, 0);
            assertThat(LoadReport.Counter.of(inputs.build(Top1Config.defaults()), plain)
                            .report()
                            .insideMarginShare())
                    .isEmpty();
        }
    }

    @Test
    void arraysOfDifferentTokensAreRefused() {
        long[] ids = {0, 1};
        assertThatThrownBy(() -> LoadReport.Counter.of(2, ids, new long[1], null, OptionalDouble.empty()))
                .hasMessageContaining("same tokens");
        assertThatThrownBy(() -> LoadReport.Counter.of(2, ids, ids, new float[3], OptionalDouble.empty()))
                .hasMessageContaining("same tokens");
    }
}
