package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.train.profile.StepProfile;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class StepBenchmarkTest {
    @Test
    void aProfileAccountsForTheWholeStep() {
        List<Long> told = new ArrayList<>();
        StepBenchmark.Result result = StepBenchmark.run(TinyRun.config("train.precision=bf16"), 3, 2, true, told::add);
        assertThat(told).hasSize(3 + 2);
        StepProfile profile = result.profile();
        assertThat(profile.rows().stream().mapToDouble(StepProfile.Row::share).sum())
                .isCloseTo(1, within(1e-9));
        assertThat(profile.rows().get(profile.rows().size() - 1).share()).isBetween(0.0, 1.0);
        assertThat(profile.rows().stream().map(StepProfile.Row::section))
                .contains("attention forward", "experts backward", "router forward", "optimizer", "rest");
        // One MoE block, two micro-batches a step.
        assertThat(profile.rows().stream()
                        .filter(row -> row.section().equals("experts backward"))
                        .findFirst()
                        .orElseThrow()
                        .calls())
                .isEqualTo(2);
        assertThat(profile.memoryGigabytes()).isPositive();
    }

    @Test
    void withoutAProfileNothingIsCollected() {
        assertThat(StepBenchmark.run(TinyRun.config(), 0, 1, false, nanos -> {}).profile())
                .isNull();
    }

    @Test
    void fp16IsTimedLikeAnyOther() {
        StepBenchmark.Result result =
                StepBenchmark.run(TinyRun.config("train.precision=fp16"), 1, 1, true, nanos -> {});
        assertThat(result.precision()).isEqualTo("fp16");
        assertThat(result.loss()).isFinite().isPositive();
        // Masters, copies and gradients in FP32, copies of two bytes but for norms and router.
        assertThat(result.stateBytes()).isBetween(16 * result.params(), 18 * result.params());
    }

    @Test
    void theFormOfAttentionIsNamedInTheResult() {
        assertThat(StepBenchmark.run(TinyRun.config(), 0, 1, false, nanos -> {}).attention())
                .isEqualTo("block-128");
        StepBenchmark.Result fused =
                StepBenchmark.run(TinyRun.config("train.attention=fused"), 1, 1, true, nanos -> {});
        assertThat(fused.attention()).isEqualTo("fused");
        assertThat(fused.profile().rows().stream().map(StepProfile.Row::section))
                .contains("attention forward", "attention backward");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void memoryIsReportedWhereTheSystemTells() {
        StepBenchmark.Result result = StepBenchmark.run(TinyRun.config(), 0, 1, false, nanos -> {});
        assertThat(result.peakResidentBytes()).isGreaterThan(result.stateBytes());
        assertThat(result.stateBytes()).isBetween(16 * result.params(), 18 * result.params());
        assertThat(result.minorFaultsPerStep()).isNotNegative();
        assertThat(result.majorFaultsPerStep()).isNotNegative();
    }
}
