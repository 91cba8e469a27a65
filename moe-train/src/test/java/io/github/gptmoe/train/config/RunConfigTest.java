package io.github.gptmoe.train.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.router.Top1Config;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RunConfigTest {

    @Test
    void whatIsLeftOutTakesItsDefault() {
        RunConfig run = Configs.parse(Configs.MINIMAL);

        assertThat(run.model().experts()).isEmpty();
        assertThat(run.model().router()).isEqualTo(Top1Config.defaults());
        assertThat(run.train())
                .isEqualTo(new TrainConfig(
                        8,
                        4,
                        10L,
                        null,
                        "fp32",
                        List.of("none"),
                        0,
                        new AdamWConfig(1e-3, 0.9, 0.95, 1e-8, 0.1, "fp32", "fp32", List.of()),
                        new ScheduleConfig("cosine", 0L, 0.0, 0.2),
                        1.0,
                        1L,
                        100,
                        16,
                        10,
                        1,
                        512,
                        "fp32",
                        "auto",
                        1,
                        false,
                        "none",
                        600,
                        null,
                        null,
                        ""));
        assertThat(run.checkpoint()).isEqualTo(new CheckpointConfig(500L, 2, 4L << 30));
        assertThat(run.report()).isEqualTo(new ReportConfig("", 64));
    }

    @Test
    void everyKeyIsRead() {
        assertThat(Configs.parse(Configs.EVERY_KEY)).isEqualTo(Configs.everyKey());
    }

    /** Guards the test above: a new key must be added to it with a value that is not the default. */
    @Test
    void everyKeyIsTriedWithAnotherValueThanItsDefault() {
        RunConfig defaults = Configs.parse(Configs.MINIMAL);
        RunConfig other = Configs.everyKey();
        List<String> oneValueOnly = List.of(
                "positions",
                "norm",
                "activation",
                "tieEmbeddings",
                "optimizerInBackward",
                "masterWeights",
                "type",
                "tokenize"); // "stream" does not go with the format that is tried
        assertAllDiffer(defaults.model(), other.model(), oneValueOnly);
        assertAllDiffer(defaults.data(), other.data(), oneValueOnly);
        assertAllDiffer(defaults.train(), other.train(), oneValueOnly);
        assertAllDiffer(
                (Record) defaults.train().optimizer(), (Record) other.train().optimizer(), List.of("masterWeights"));
        assertAllDiffer(defaults.train().schedule(), other.train().schedule(), List.of());
        assertAllDiffer(LossScaleConfig.defaults(), other.train().lossScale(), List.of());
        assertAllDiffer(defaults.checkpoint(), other.checkpoint(), List.of());
        assertAllDiffer(defaults.report(), other.report(), List.of());
    }

    private static void assertAllDiffer(Record defaults, Record other, List<String> except) {
        for (RecordComponent component : defaults.getClass().getRecordComponents()) {
            // gradientPrecision follows precision, so it is the same word for another reason.
            if (!except.contains(component.getName()) && !component.getName().equals("gradientPrecision")) {
                assertThat(Objects.equals(RecordShape.value(component, defaults), RecordShape.value(component, other)))
                        .as("%s of %s is tried with its default only", component.getName(), defaults.getClass())
                        .isFalse();
            }
        }
    }

    @Test
    void gradientsAreSummedInFp32WhereThereIsSomethingToSum() {
        assertThat(gradientPrecision("train.precision=bf16")).isEqualTo("fp32");
        assertThat(gradientPrecision("train.precision=bf16", "train.microBatch=8"))
                .isEqualTo("bf16");
        assertThat(gradientPrecision("train.precision=bf16", "train.gradientPrecision=bf16"))
                .isEqualTo("bf16");
        assertThat(gradientPrecision("train.precision=fp32")).isEqualTo("fp32");
        assertThat(gradientPrecision("train.precision=fp16", "train.microBatch=8"))
                .isEqualTo("fp32");
        assertThat(gradientPrecision("train.precision=fp16", "train.gradientPrecision=fp16"))
                .isEqualTo("fp16");
    }

    @Test
    void onlyFp16ScalesItsLoss() {
        assertThat(Configs.parse(Configs.MINIMAL, "train.precision=bf16")
                        .train()
                        .lossScale())
                .isNull();
        assertThat(Configs.parse(Configs.MINIMAL, "train.precision=fp16")
                        .train()
                        .lossScale())
                .isEqualTo(new LossScaleConfig(65536.0, 2.0, 0.5, 2000, 2, 1.0));
        assertThat(Configs.parse(Configs.MINIMAL, "train.precision=fp16", "train.lossScale.initial=8")
                        .train()
                        .lossScale())
                .isEqualTo(new LossScaleConfig(8.0, 2.0, 0.5, 2000, 2, 1.0));
    }

    private static String gradientPrecision(String... sets) {
        return Configs.parse(Configs.MINIMAL, sets).train().gradientPrecision();
    }

    @Test
    void attentionIsOpenOrNamed() {
        RunConfig open = Configs.parse(Configs.MINIMAL);
        assertThat(open.train().namedAttention()).isEmpty();
        RunConfig named = open.withAttention(NamedAttention.FUSED);
        assertThat(named.train().namedAttention()).contains(NamedAttention.FUSED);
        assertThat(named).isEqualTo(Configs.parse(Configs.MINIMAL, "train.attention=fused"));
        RunConfig every = Configs.everyKey();
        assertThat(every.withAttention(NamedAttention.BLOCK_64)).isEqualTo(every);
    }

    @Test
    void tokensAreRoundedUpToWholeSteps() {
        TrainConfig train = Configs.parse(Configs.MINIMAL, "train.steps=", "train.tokens=257")
                .train();
        assertThat(train.steps()).isNull();
        assertThat(train.totalSteps(32)).isEqualTo(2); // 8 sequences of 32 are 256 tokens
        assertThat(train.totalSteps(33)).isEqualTo(1);
        assertThat(train.totalTokens(32)).isEqualTo(512);
    }

    @Test
    void aRampMakesTheSameTokensMoreSteps() {
        // 4, 4, 8, 8, ... sequences: a step that begins after 8 has the whole batch
        String ramp = "train.batchRamp={start: 4, increment: 4, samples: 8}";
        TrainConfig ramped = Configs.parse(Configs.MINIMAL, ramp, "train.steps=", "train.tokens=513")
                .train();
        assertThat(ramped.totalSteps(32)).isEqualTo(4); // 128 + 128 + 256 + 256
        assertThat(ramped.totalTokens(32)).isEqualTo(768);
        assertThat(Configs.parse(Configs.MINIMAL, ramp).train().totalTokens(32)).isEqualTo((4 + 4 + 8 * 8) * 32);
        assertThat(Configs.parse(Configs.MINIMAL).train().totalTokens(32)).isEqualTo(10 * 8 * 32);
    }

    @Test
    void recomputeSelectsBlocks() {
        assertThat(recomputed("none")).containsExactly(false, false, false, false);
        assertThat(recomputed("all")).containsExactly(true, true, true, true);
        assertThat(recomputed("moe")).containsExactly(false, true, false, true);
        assertThat(recomputed("[0, 3]")).containsExactly(true, false, false, true);
        assertThat(recomputed("every-2")).containsExactly(false, true, false, true);
        assertThat(recomputed("every-3")).containsExactly(false, false, true, false);
        assertThat(recomputed("every-1")).containsExactly(true, true, true, true);
        assertThat(recomputed("2")).containsExactly(false, false, true, false);
    }

    private static List<Boolean> recomputed(String value) {
        RunConfig run = Configs.parse(Configs.MINIMAL, "train.recompute=" + value, "model.experts=4");
        return List.of(0, 1, 2, 3).stream()
                .map(block -> run.train().recomputes(block, run.model().isMoe(block)))
                .toList();
    }

    @Test
    void oneNumberOfExpertsIsRepeated() {
        assertThat(Configs.parse(Configs.MINIMAL, "model.experts=4").model().experts())
                .containsExactly(4, 4);
        assertThat(Configs.parse(Configs.MINIMAL, "model.experts=[4, 8]")
                        .model()
                        .experts())
                .containsExactly(4, 8);
    }

    private static String warning(String... sets) {
        RunConfig run = Configs.parse(Configs.MINIMAL, sets);
        return run.train().warning(run.model().sequenceLength()).orElse("");
    }

    @Test
    void aWarmUpThatTakesTheWholeRunIsWarnedOf() {
        assertThat(warning()).isEmpty();
        assertThat(warning("train.schedule.warmupSteps=9")).isEmpty();
        assertThat(warning("train.schedule.warmupSteps=10")).contains("warmupSteps 10 is not below the 10 steps");
        assertThat(warning("train.schedule.warmupSteps=40"))
                .isEqualTo(
                        "warning: train.schedule.warmupSteps 40 is not below the 10 steps of the run: the learning rate"
                                + " only rises, to 2.5E-4 of 0.001, and never decays; use a shorter warm-up, or a longer run");
        String[] budget = {"train.steps=", "train.tokens=2_000", "train.schedule.warmupSteps=8"}; // 8 steps of 256
        assertThat(warning(budget)).contains("warmupSteps 8 is not below the 8 steps");
        budget[2] = "train.schedule.warmupSteps=7";
        assertThat(warning(budget)).isEmpty();
    }
}
