package io.github.gptmoe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.TrainingDivergedException;
import io.github.gptmoe.train.config.RunConfig;
import io.github.gptmoe.train.report.RunSummary;
import io.github.gptmoe.train.report.TrainingLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs in FP16 with their loss scale. A gradient of a logit is at most scale / 64 here: 64 tokens a step. */
class Fp16RunTest {
    @TempDir
    Path folder;

    private static RunConfig config(String lossScale, String... sets) {
        List<String> all = new ArrayList<>(List.of("train.precision=fp16", "train.lossScale={" + lossScale + "}"));
        all.addAll(List.of(sets));
        return TinyRun.config(all.toArray(String[]::new));
    }

    private static List<Double> scales(List<TrainingLine> lines) {
        return lines.stream().map(TrainingLine::lossScale).toList();
    }

    @Test
    void trainsLikeFp32() throws IOException {
        String[] longer = {"train.steps=40", "train.globalBatch=8", "train.microBatch=4"};
        List<String> fp16 = new ArrayList<>(List.of(longer));
        fp16.add("train.precision=fp16");
        TinyRun.Heard exact = TinyRun.train(TinyRun.config(longer), folder.resolve("fp32"));
        TinyRun.Heard rounded = TinyRun.train(TinyRun.config(fp16.toArray(String[]::new)), folder.resolve("fp16"));
        List<Double> losses = rounded.losses();
        assertThat(losses.get(39)).isLessThan(losses.get(0) - 1);
        for (int i = 0; i < losses.size(); i++) {
            assertThat(losses.get(i))
                    .as("step %d", i + 1)
                    .isCloseTo(exact.losses().get(i), within(0.03));
        }
        assertThat(rounded.steps).noneMatch(TrainingLine::skipped);
        assertThat(scales(rounded.steps)).containsOnly(65536.0);
        assertThat(scales(exact.steps)).containsOnlyNulls();
        assertThat(Files.readString(folder.resolve("fp16/metrics.jsonl"))).contains("\"lossScale\":65536.0");
        assertThat(Files.readString(folder.resolve("fp32/metrics.jsonl"))).doesNotContain("lossScale");
    }

    /** The norm that is logged and clipped by is that of the gradient, not of its multiple. */
    @Test
    void theScaleChangesTheLossByRoundingOnly() {
        TinyRun.Heard one = TinyRun.train(config("initial: 4096"), folder.resolve("one"));
        TinyRun.Heard other = TinyRun.train(config("initial: 32768"), folder.resolve("other"));
        for (int i = 0; i < one.steps.size(); i++) {
            assertThat(other.steps.get(i).loss()).isCloseTo(one.steps.get(i).loss(), within(0.01));
            assertThat(other.steps.get(i).gradNorm()).isCloseTo(one.steps.get(i).gradNorm(), within(0.05));
        }
    }

    @Test
    void aScaleThatIsTooLargeIsReducedUntilTrainingGoesOn() {
        RunConfig config = config("initial: 67108864", "train.steps=30"); // 2^26
        TinyRun.Heard heard = new TinyRun.Heard(step -> {});
        RunSummary summary = TinyRun.train(config, folder.resolve("run"), heard, new StopRequest());
        List<TrainingLine> skipped =
                heard.steps.stream().filter(TrainingLine::skipped).toList();
        assertThat(skipped).hasSizeBetween(3, 12);
        assertThat(heard.steps.subList(0, skipped.size())).isEqualTo(skipped);
        double expected = 0x1p26;
        for (int i = 0; i < skipped.size(); i++) {
            assertThat(skipped.get(i).lossScale()).isEqualTo(expected);
            assertThat(skipped.get(i).loss()).isFinite();
            expected = i == 0 ? expected : expected / 2;
        }
        assertThat(scales(heard.steps.subList(skipped.size(), 30))).containsOnly(expected);
        assertThat(summary.nonFiniteSteps()).isZero();
        assertThat(summary.lmLoss()).isLessThan(heard.steps.get(0).lmLoss() - 0.5);
        assertThat(heard.messages).anyMatch(text -> text.contains("overflowed at a loss scale of 6.7108864E7"));
    }

    @Test
    void anOverflowAtTheMinimumEndsTheRunAndNamesTheKeys() {
        RunConfig config = config("initial: 1099511627776, minimum: 1099511627776", "train.maxNonFiniteSteps=1");
        TinyRun.Heard heard = new TinyRun.Heard(step -> {});
        assertThatThrownBy(() -> TinyRun.train(config, folder.resolve("run"), heard, new StopRequest()))
                .isInstanceOf(TrainingDivergedException.class)
                .hasMessageContaining("step 2")
                .hasMessageContaining("train.lossScale.minimum")
                .hasMessageContaining("train.optimizer.learningRate")
                .hasMessageContaining("train.precision");
        assertThat(heard.steps).hasSize(2);
    }

    /** Overflows before and after the stop, and growth on both sides. */
    @Test
    void aStoppedRunContinuesWithTheSameScales() {
        RunConfig config = config("initial: 67108864, growthInterval: 2, hysteresis: 1", "train.steps=24");
        TinyRun.Heard whole = TinyRun.train(config, folder.resolve("whole"));
        assertThat(whole.steps.subList(13, 24)).anyMatch(TrainingLine::skipped).anyMatch(line -> !line.skipped());
        for (int last : new int[] {6, 13}) {
            StopRequest stop = new StopRequest();
            TinyRun.Heard before = new TinyRun.Heard(step -> {
                if (step == last) {
                    stop.request();
                }
            });
            Path run = folder.resolve("parts" + last);
            TinyRun.train(config, run, before, stop);
            TinyRun.Heard after = TinyRun.train(config, run);
            List<TrainingLine> joined = new ArrayList<>(before.steps);
            joined.addAll(after.steps);
            assertThat(joined.stream().map(TrainingLine::loss).toList()).isEqualTo(whole.losses());
            assertThat(scales(joined)).isEqualTo(scales(whole.steps));
        }
    }

    @Test
    void gradientsMayBeSummedInFp16() {
        TinyRun.Heard half = TinyRun.train(config("", "train.gradientPrecision=fp16"), folder.resolve("fp16"));
        TinyRun.Heard single = TinyRun.train(config("", "train.gradientPrecision=fp32"), folder.resolve("fp32"));
        assertThat(half.losses()).isNotEqualTo(single.losses());
        for (int i = 0; i < 12; i++) {
            assertThat(half.losses().get(i)).isCloseTo(single.losses().get(i), within(0.02));
        }
    }
}
