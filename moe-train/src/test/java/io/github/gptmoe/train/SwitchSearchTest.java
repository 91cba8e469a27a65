package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.plan.MemoryLimits;
import io.github.gptmoe.train.plan.MemoryPlan;
import io.github.gptmoe.train.plan.PlanTarget;
import io.github.gptmoe.train.plan.SwitchSearch;
import io.github.gptmoe.train.plan.SwitchSearch.MoreDevices;
import io.github.gptmoe.train.plan.SwitchSearch.Switch;
import io.github.gptmoe.train.plan.TimePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
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
        assertThat(SwitchSearch.find(SwitchSearchTest::load, ONE, MemoryLimits.ofDevice(total(ONE))))
                .isEmpty();
    }

    @Test
    void theCheapestComesFirstAndTheSearchEndsWhenItFits() {
        long recomputed = total(ONE, "train.recompute=all");
        List<Switch> switches = SwitchSearch.find(SwitchSearchTest::load, ONE, MemoryLimits.ofDevice(recomputed));
        assertThat(switches)
                .containsExactly(new Switch("train.recompute=all", total(ONE) - recomputed, recomputed, 0, true));
    }

    @Test
    void savingsAddUpToWhatTheSettingsTogetherSave() {
        List<Switch> switches = SwitchSearch.find(SwitchSearchTest::load, TWO, MemoryLimits.ofDevice(1));
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
        MoreDevices more = SwitchSearch.findDevices(SwitchSearchTest::load, ONE, MemoryLimits.ofDevice(memory))
                .orElseThrow();
        String[] sets = more.switches().stream().map(Switch::set).toArray(String[]::new);
        assertThat(total(new PlanTarget(more.devices(), true), sets))
                .isEqualTo(more.totalBytes())
                .isLessThanOrEqualTo(memory);
        assertThat(SwitchSearch.findDevices(SwitchSearchTest::load, ONE, MemoryLimits.ofDevice(1)))
                .isEmpty();
    }

    /** A model whose state is larger than its activations, so that ZeRO saves more than smaller micro-batches do. */
    private static RunConfig loadWide(List<String> more) {
        List<String> sets = new ArrayList<>(
                List.of("train.globalBatch=32", "train.microBatch=8", "model.hidden=128", "train.recompute=all"));
        sets.addAll(more);
        return TinyRun.config(sets.toArray(String[]::new));
    }

    private static long totalWide(String... sets) {
        return MemoryPlan.of(loadWide(List.of(sets)), TWO).total();
    }

    @Test
    void whatALaterSwitchMakesNeedlessIsNotAdvised() {
        long divided = totalWide("train.zeroStage=1");
        assertThat(divided).isLessThan(totalWide("train.microBatch=1")).isLessThan(totalWide());
        assertThat(SwitchSearch.find(SwitchSearchTest::loadWide, TWO, MemoryLimits.ofDevice(divided)))
                .containsExactly(new Switch("train.zeroStage=1", totalWide() - divided, divided, 0, true));
    }

    @Test
    void aMilderValueThatIsEnoughIsAdvised() {
        long divided = totalWide("train.microBatch=4", "train.zeroStage=1");
        assertThat(divided).isLessThan(totalWide("train.zeroStage=1")).isLessThan(totalWide("train.microBatch=1"));
        assertThat(SwitchSearch.find(SwitchSearchTest::loadWide, TWO, MemoryLimits.ofDevice(divided)))
                .extracting(Switch::set)
                .containsExactly("train.microBatch=4", "train.zeroStage=1");
    }

    @Test
    void noSwitchThatMakesItFitCanBeLeftOut() {
        long all = totalWide();
        int several = 0;
        for (int share = 1; share < 20; share++) {
            MemoryLimits memory = MemoryLimits.ofDevice(all * share / 20);
            List<Switch> switches = SwitchSearch.find(SwitchSearchTest::loadWide, TWO, memory);
            if (switches.isEmpty() || !switches.get(switches.size() - 1).fits()) {
                continue;
            }
            several += switches.size() > 1 ? 1 : 0;
            for (Switch one : switches) {
                String[] others = switches.stream()
                        .filter(step -> !step.equals(one) && !needs(step, one))
                        .flatMap(step -> Stream.of(step.set().split(" --set ", -1)))
                        .toArray(String[]::new);
                assertThat(totalWide(others))
                        .as("without %s at %d bytes", one.set(), memory.device())
                        .isGreaterThan(memory.device());
            }
        }
        assertThat(several).isGreaterThan(2);
    }

    /** These are refused without bf16, so that cannot be left out alone. */
    private static boolean needs(Switch step, Switch other) {
        return other.set().equals("train.precision=bf16")
                && (step.set().startsWith("train.gradientPrecision")
                        || step.set().startsWith("train.optimizer.masterWeights"));
    }

    private static long host(String... sets) {
        List<String> all = new ArrayList<>(List.of(sets));
        all.add("train.offloadOptimizer=cpu");
        return MemoryPlan.of(load(all), ONE).host().total();
    }

    private static final String[] BEFORE_THE_HOST = {
        "train.recompute=all", "train.microBatch=1", "train.precision=bf16", "train.gradientPrecision=bf16"
    };

    /** What everything up to the host leaves on the device: less than coarser moments alone could. */
    private static long offloaded() {
        List<String> all = new ArrayList<>(List.of(BEFORE_THE_HOST));
        all.add("train.offloadOptimizer=cpu");
        return total(ONE, all.toArray(String[]::new));
    }

    @Test
    void theHostIsTriedWhereItsMemoryIsKnownAndBeforeCoarserMoments() {
        long left = offloaded();
        MemoryLimits known = new MemoryLimits(left, OptionalLong.of(host(BEFORE_THE_HOST)), 0);
        List<Switch> switches = SwitchSearch.find(SwitchSearchTest::load, ONE, known);
        Switch last = switches.get(switches.size() - 1);
        assertThat(last.set()).isEqualTo("train.offloadOptimizer=cpu");
        assertThat(last.fits()).isTrue();
        assertThat(last.hostBytes()).isEqualTo(host(BEFORE_THE_HOST));
        long unknown = total(ONE, BEFORE_THE_HOST) - 1;
        assertThat(SwitchSearch.find(SwitchSearchTest::load, ONE, MemoryLimits.ofDevice(unknown)))
                .extracting(Switch::set)
                .doesNotContain("train.offloadOptimizer=cpu")
                .contains("train.optimizer.moments=bf16");
    }

    /** What is turned on after the host saves nothing on the device. */
    @Test
    void aSmallHostIsMadeToFitByCoarserMoments() {
        MemoryLimits small = new MemoryLimits(offloaded(), OptionalLong.of(host(BEFORE_THE_HOST) - 1), 0);
        List<Switch> switches = SwitchSearch.find(SwitchSearchTest::load, ONE, small);
        assertThat(switches)
                .extracting(Switch::set)
                .endsWith("train.offloadOptimizer=cpu", "train.optimizer.moments=bf16");
        Switch last = switches.get(switches.size() - 1);
        assertThat(last.savesBytes()).isZero();
        assertThat(last.fits()).isTrue();
        assertThat(switches.get(switches.size() - 2).fits()).isFalse();
    }

    @Test
    void aHostThatIsTooSmallForAnythingIsLeftAlone() {
        long left = total(ONE, BEFORE_THE_HOST) - 1;
        MemoryLimits tiny = new MemoryLimits(left, OptionalLong.of(1), 0);
        assertThat(SwitchSearch.find(SwitchSearchTest::load, ONE, tiny))
                .isEqualTo(SwitchSearch.find(SwitchSearchTest::load, ONE, MemoryLimits.ofDevice(left)));
    }

    @Test
    void devicesOfANodeShareItsHost() {
        MemoryPlan plan = MemoryPlan.of(load(List.of("train.offloadOptimizer=cpu")), TWO);
        long each = plan.host().total();
        assertThat(each).isPositive();
        assertThat(new MemoryLimits(1, OptionalLong.of(1), 0).hostBytes(plan, 8))
                .isEqualTo(8 * each);
        assertThat(new MemoryLimits(1, OptionalLong.of(1), 4).hostBytes(plan, 8))
                .isEqualTo(4 * each);
        assertThat(new MemoryLimits(1, OptionalLong.of(1), 4).hostBytes(plan, 2))
                .isEqualTo(2 * each);
        MemoryLimits exact = new MemoryLimits(plan.total(), OptionalLong.of(2 * each), 0);
        assertThat(exact.fit(plan, 2)).isTrue();
        assertThat(exact.fit(plan, 3)).isFalse();
        assertThat(new MemoryLimits(plan.total() - 1, OptionalLong.of(2 * each), 0).fit(plan, 2))
                .isFalse();
    }

    @Test
    void daysFollowFromArithmetic() {
        TimePlan plan = TimePlan.of(0.5, 100e12, 8, 4_000_000_000L, 8_640_000_000L);
        assertThat(plan.tokensPerSecond()).isCloseTo(100_000, within(1e-6));
        assertThat(plan.days()).isCloseTo(1, within(1e-9));
        assertThat(plan.seconds()).isCloseTo(86_400, within(1e-6));
    }
}
