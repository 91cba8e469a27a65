package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.model.GptModel;
import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.plan.PlanTarget;
import io.github.gptmoe.train.plan.StateBytes;
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
        RunConfig config = TinyRun.config("train.precision=fp16");
        StepBenchmark.Result result = StepBenchmark.run(config, 1, 1, true, nanos -> {});
        assertThat(result.precision()).isEqualTo("fp16");
        assertThat(result.loss()).isFinite().isPositive();
        assertThat(result.stateBytes())
                .isEqualTo(StateBytes.sum(new GptModel(config.model()), config.train(), new PlanTarget(1, false)));
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
        RunConfig config = TinyRun.config();
        StepBenchmark.Result result = StepBenchmark.run(config, 0, 1, false, nanos -> {});
        assertThat(result.peakResidentBytes()).isGreaterThan(result.stateBytes());
        assertThat(result.residentBeforeBytes()).isPositive();
        assertThat(result.stateBytes())
                .isEqualTo(StateBytes.sum(new GptModel(config.model()), config.train(), new PlanTarget(1, false)))
                .isGreaterThan(16 * result.params());
        assertThat(result.minorFaultsPerStep()).isNotNegative();
        assertThat(result.majorFaultsPerStep()).isNotNegative();
    }

    @Test
    void allRanksTakePartInEveryStep() {
        RunConfig config = TinyRun.config(
                "train.globalBatch=4", "train.microBatch=1", "train.zeroStage=2", "train.expertParallel=2");
        List<Long> told = new ArrayList<>();
        StepBenchmark.Result two = StepBenchmark.run(config, new Devices(2), 1, 2, false, told::add);
        assertThat(told).as("by the clock of one rank").hasSize(3);
        assertThat(two.devices()).isEqualTo(2);
        assertThat(two.stateBytes())
                .isEqualTo(StateBytes.sum(new GptModel(config.model()), config.train(), new PlanTarget(2, false)));
        StepBenchmark.Result one = StepBenchmark.run(
                TinyRun.config("train.globalBatch=4", "train.microBatch=1"), 1, 2, false, nanos -> {});
        assertThat(two.loss()).isCloseTo(one.loss(), within(1e-4));
    }

    @Test
    void whatCannotBeMeasuredTogetherIsRefused() {
        assertThatThrownBy(() -> StepBenchmark.run(TinyRun.config(), new Devices(2), 0, 1, true, nanos -> {}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--profile");
        assertThatThrownBy(() -> StepBenchmark.run(
                        TinyRun.config("train.zeroStage=1"), new Devices(1), 0, 1, false, nanos -> {}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--devices is 1");
    }

    /** They lack the update, so they are told apart. */
    @Test
    void stepsThatOverflowAreCounted() {
        RunConfig config = TinyRun.config("train.precision=fp16", "train.lossScale.initial=4294967296");
        assertThat(StepBenchmark.run(config, 0, 3, false, nanos -> {}).skippedSteps())
                .isPositive();
        assertThat(StepBenchmark.run(TinyRun.config(), 0, 1, false, nanos -> {}).skippedSteps())
                .isZero();
    }
}
