package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.plan.MemoryPlan;
import io.github.gptmoe.train.plan.PlanTarget;
import io.github.gptmoe.train.plan.SwitchSearch;
import io.github.gptmoe.train.plan.SwitchSearch.MoreDevices;
import io.github.gptmoe.train.plan.SwitchSearch.Switch;
import io.github.gptmoe.train.plan.TimePlan;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SwitchSearchTest {
    private static final PlanTarget ONE = new PlanTarget(1, true);
    private static final PlanTarget TWO = new PlanTarget(2, true);

    private static RunConfig load(List<String> more) {
        List<String> sets = new ArrayList<>(
                List.of("train.globalBatch=32", "train.microBatch=8", "model.sequenceLength=256", "model.layers=4"));
        sets.addAll(more);
        return TinyRun.config(sets.toArray(String[]::new));
    }

    private static long total(PlanTarget target, String... sets) {
        return MemoryPlan.of(load(List.of(sets)), target).total();
    }

    @Test
    void whatFitsNeedsNothing() {
        assertThat(SwitchSearch.find(SwitchSearchTest::load, ONE, total(ONE))).isEmpty();
    }

    @Test
    void theCheapestComesFirstAndTheSearchEndsWhenItFits() {
        long recomputed = total(ONE, "train.recompute=all");
        List<Switch> switches = SwitchSearch.find(SwitchSearchTest::load, ONE, recomputed);
        assertThat(switches)
                .containsExactly(new Switch("train.recompute=all", total(ONE) - recomputed, recomputed, true));
    }

    @Test
    void savingsAddUpToWhatTheSettingsTogetherSave() {
        List<Switch> switches = SwitchSearch.find(SwitchSearchTest::load, TWO, 1);
        assertThat(switches).extracting(Switch::set).startsWith("train.recompute=all", "train.microBatch=1");
        assertThat(switches)
                .extracting(Switch::set)
                .contains("train.zeroStage=1", "train.expertParallel=2", "train.precision=bf16");
        assertThat(switches).allSatisfy(step -> assertThat(step.savesBytes()).isPositive());
        assertThat(switches).noneMatch(Switch::fits);
        String[] all = switches.stream().map(Switch::set).toArray(String[]::new);
        long left = switches.get(switches.size() - 1).totalBytes();
        assertThat(left).isEqualTo(total(TWO, all));
        assertThat(total(TWO) - switches.stream().mapToLong(Switch::savesBytes).sum())
                .isEqualTo(left);
    }

    @Test
    void moreDevicesAreNamedWithTheirSwitches() {
        long memory = total(ONE, "train.recompute=all", "train.microBatch=1") * 3 / 4;
        MoreDevices more =
                SwitchSearch.findDevices(SwitchSearchTest::load, ONE, memory).orElseThrow();
        String[] sets = more.switches().stream().map(Switch::set).toArray(String[]::new);
        assertThat(total(new PlanTarget(more.devices(), true), sets))
                .isEqualTo(more.totalBytes())
                .isLessThanOrEqualTo(memory);
        assertThat(SwitchSearch.findDevices(SwitchSearchTest::load, ONE, 1)).isEmpty();
    }

    @Test
    void daysFollowFromArithmetic() {
        TimePlan plan = TimePlan.of(0.5, 100e12, 8, 4_000_000_000L, 8_640_000_000L);
        assertThat(plan.tokensPerSecond()).isCloseTo(100_000, within(1e-6));
        assertThat(plan.days()).isCloseTo(1, within(1e-9));
        assertThat(plan.seconds()).isCloseTo(86_400, within(1e-6));
    }
}
