package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.data.InputException;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.TrainingLine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose batch grows: 4, 4, 4, 4, 8, 8, 12, 12 sequences of 16 tokens, and 12 from then on. */
class RampRunTest {
    private static final String RAMP = "train.batchRamp={start: 4, increment: 4, samples: 32}";

    @TempDir
    Path folder;

    private static RunConfig config(String... more) {
        List<String> sets = new ArrayList<>(List.of("train.globalBatch=12", RAMP, "train.steps=10"));
        sets.addAll(List.of(more));
        return TinyRun.config(sets.toArray(String[]::new));
    }

    @Test
    void twoRanksHaveTheLossesOfOne() {
        TinyRun.Heard one = TinyRun.train(config(), folder.resolve("one"), 1);
        assertThat(one.steps.stream().map(TrainingLine::tokens))
                .containsExactly(64L, 128L, 192L, 256L, 384L, 512L, 704L, 896L, 1088L, 1280L);
        for (String stage : List.of("0", "2")) {
            TinyRun.Heard two = TinyRun.train(config("train.zeroStage=" + stage), folder.resolve("two" + stage), 2);
            for (int i = 0; i < 10; i++) {
                assertThat(two.losses().get(i))
                        .as("step %d", i + 1)
                        .isCloseTo(one.losses().get(i), within(1e-5));
                assertThat(two.steps.get(i).tokens()).isEqualTo(one.steps.get(i).tokens());
            }
        }
    }

    /** Until the first sequences run out a smaller constant batch sees the same, and a larger one does not. */
    @Test
    void beginsAsARunOfTheFirstSize() {
        List<Double> losses = TinyRun.train(config(), folder.resolve("ramp")).losses();
        List<Double> small = TinyRun.train(
                        TinyRun.config("train.globalBatch=4", "train.steps=10"), folder.resolve("small"))
                .losses();
        assertThat(losses.subList(0, 4)).isEqualTo(small.subList(0, 4));
        assertThat(losses.get(4)).isNotEqualTo(small.get(4));
    }

    /** Stopped where the size has just grown, and within a size. */
    @ParameterizedTest
    @ValueSource(ints = {4, 7})
    void aStoppedRunContinuesBitForBit(int lastStep) {
        TinyRun.Heard whole = TinyRun.train(config(), folder.resolve("whole"));
        StopRequest stop = new StopRequest();
        TinyRun.Heard before = new TinyRun.Heard(step -> {
            if (step == lastStep) {
                stop.request();
            }
        });
        Path run = folder.resolve("parts");
        assertThat(TinyRun.train(config(), run, before, stop).finished()).isFalse();
        TinyRun.Heard after = TinyRun.train(config(), run);
        List<Double> joined = new ArrayList<>(before.losses());
        joined.addAll(after.losses());
        assertThat(joined).hasSize(10).isEqualTo(whole.losses());
        assertThat(after.steps.get(after.steps.size() - 1).tokens()).isEqualTo(1280);
    }

    @Test
    void aTokenBudgetIsMetInWholeSteps() {
        TinyRun.Heard heard = TinyRun.train(config("train.steps=", "train.tokens=900"), folder.resolve("run"));
        assertThat(heard.steps).hasSize(9);
        assertThat(heard.steps.get(8).tokens()).isEqualTo(1088);
    }

    @Test
    void theRampOfARunIsFrozen() {
        Path run = folder.resolve("run");
        TinyRun.train(config("train.steps=2"), run);
        assertThatThrownBy(() -> TinyRun.train(config("train.batchRamp.samples=48"), run))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("train.batchRamp.samples: the run has 32, this call 48");
        assertThatThrownBy(() -> TinyRun.train(config("train.batchRamp="), run))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("train.batchRamp.start: the run has 4, this call absent");
    }

    @Test
    void sizesThatRanksCannotShareAreRefused() {
        assertThatThrownBy(() -> TinyRun.train(
                        config("train.batchRamp.start=6", "train.batchRamp.increment=2"), folder.resolve("run"), 2))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "--devices 2: the steps of train.batchRamp, from 6 sequences by 2, cannot be shared evenly in"
                                + " micro-batches of train.microBatch 2; use --set train.microBatch=1, or start and increment"
                                + " that are multiples of 4 (another run: its steps see other batches)");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void aBenchmarkedStepIsThatAfterTheRamp() {
        StepBenchmark.Result ramped = StepBenchmark.run(config(), 0, 2, false, nanos -> {});
        StepBenchmark.Result constant = StepBenchmark.run(config("train.batchRamp="), 0, 2, false, nanos -> {});
        assertThat(ramped.tokensPerStep()).isEqualTo(12 * 16);
        assertThat(ramped.loss()).isEqualTo(constant.loss());
    }
}
