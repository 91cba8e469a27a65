package io.github.gptmoe.train.attention;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.gptmoe.core.model.NamedAttention;
import io.github.gptmoe.train.config.ConfigLoader;
import io.github.gptmoe.train.config.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Selection from canned timings; nothing is measured. */
class AttentionTunerTest {
    private static final long GIB = 1L << 30;
    private static final RunConfig RUN = config();

    @TempDir
    Path folder;

    private final List<String> told = new ArrayList<>();
    private final List<List<NamedAttention>> measured = new ArrayList<>();
    private final Map<NamedAttention, double[]> times = new EnumMap<>(NamedAttention.class);

    private final Map<String, String> refused = new HashMap<>();

    AttentionTunerTest() {
        for (NamedAttention form : NamedAttention.values()) {
            times.put(form, new double[] {10, 20 + form.ordinal()});
        }
    }

    private static RunConfig config(String... sets) {
        return ConfigLoader.parse("run.yaml", """
                model: {layers: 4, hidden: 64, heads: 4, sequenceLength: 4096, vocabulary: 100}
                data: {train: a.txt, tokenizer: a.model}
                train: {globalBatch: 4, microBatch: 2, steps: 1, precision: bf16, optimizer: {learningRate: 1e-3}}
                """, List.of(sets));
    }

    private AttentionTimings measure(AttentionCase of, List<NamedAttention> forms) {
        assertThat(of).isEqualTo(new AttentionCase("chip", 2, "2.7.1", "abc", "bf16", 8, 4096, 16));
        measured.add(forms);
        return new AttentionTimings(
                forms.stream()
                        .filter(form -> !refused.containsKey(form.label()))
                        .map(form -> new AttentionTiming(form.label(), times.get(form)[0], times.get(form)[1]))
                        .toList(),
                Map.copyOf(refused));
    }

    private AttentionTable table() {
        return new AttentionTable(folder.resolve("attention.json"), told::add);
    }

    private AttentionTuner tuner(Device device, long availableBytes) {
        return new AttentionTuner(
                new AttentionMachine(device, "chip", 2, "2.7.1", "abc", availableBytes), table(), this::measure);
    }

    private AttentionTuner tuner() {
        return tuner(Device.cpu(), 100 * GIB);
    }

    private void time(NamedAttention form, double forward, double backward) {
        times.put(form, new double[] {forward, backward});
    }

    @Test
    void forwardAndBackwardTogetherDecide() {
        time(NamedAttention.BLOCK_512, 1, 40);
        time(NamedAttention.SDPA, 25, 1);
        time(NamedAttention.FUSED, 12, 13);
        AttentionTuning tuning = tuner().tune(RUN, false);
        assertThat(tuning.chosen()).isEqualTo("fused");
        assertThat(tuning.source()).isEqualTo("measured");
        assertThat(tuning.timings()).hasSize(6).contains(new AttentionTiming("sdpa", 25, 1));
        assertThat(tuning.leftOut()).isEmpty();
    }

    /** The fixed rule for 4,096 tokens is fused. */
    @Test
    void lessThanThreePercentReplaceNothing() {
        time(NamedAttention.FUSED, 10, 10);
        time(NamedAttention.BLOCK_64, 10, 9.5);
        AttentionChoice stays = tuner().choose(RUN);
        assertThat(stays.form()).isEqualTo(NamedAttention.FUSED);
        assertThat(stays.reason()).endsWith(": 20.00 ms a layer forward and backward, best other block-64 19.50 ms");
        time(NamedAttention.BLOCK_64, 10, 9.3);
        assertThat(tuner().tune(RUN, true).chosen()).isEqualTo("block-64");
    }

    @Test
    void aTieGoesToTheFirstName() {
        time(NamedAttention.BLOCK_128, 5, 5);
        time(NamedAttention.SDPA, 4, 6);
        assertThat(tuner().choose(RUN).form()).isEqualTo(NamedAttention.BLOCK_128);
    }

    @Test
    void theSecondRunFindsWhatTheFirstMeasured() {
        time(NamedAttention.BLOCK_256, 4, 5.5);
        AttentionChoice first = tuner().choose(RUN);
        AttentionChoice second = tuner().choose(RUN);
        assertThat(measured).hasSize(1);
        assertThat(first.line())
                .isEqualTo("attention: block-256 (measured now, kept in " + table().file()
                        + ": 9.50 ms a layer forward and backward, best other block-64 30.00 ms)");
        assertThat(second.line())
                .isEqualTo("attention: block-256 (from the table " + table().file()
                        + ": 9.50 ms a layer forward and backward, best other block-64 30.00 ms)");
        assertThat(second.form()).isEqualTo(first.form());
        assertThat(told).isEmpty();
    }

    @Test
    void refreshMeasuresWhatIsKnown() {
        tuner().tune(RUN, false);
        time(NamedAttention.SDPA, 1, 1);
        assertThat(tuner().tune(RUN, false).chosen()).isEqualTo("block-64");
        AttentionTuning fresh = tuner().tune(RUN, true);
        assertThat(fresh.chosen()).isEqualTo("sdpa");
        assertThat(fresh.source()).isEqualTo("measured");
        assertThat(tuner().choose(RUN).form()).isEqualTo(NamedAttention.SDPA);
        assertThat(measured).hasSize(2);
    }

    @Test
    void aFormThatCannotBeRunIsRememberedUntilItIsMeasuredAgain() {
        refused.put("block-64", "cannot be run here: no kernel");
        AttentionTuning first = tuner().tune(RUN, false);
        assertThat(first.chosen()).isEqualTo("block-128");
        assertThat(first.leftOut()).containsExactly(Map.entry("block-64", "cannot be run here: no kernel"));
        AttentionTuning second = tuner().tune(RUN, false);
        assertThat(second.source()).isEqualTo("table");
        assertThat(second.leftOut()).isEqualTo(first.leftOut());
        assertThat(second.timings()).hasSize(5);
        assertThat(tuner().known(RUN).form()).isEqualTo(NamedAttention.BLOCK_128);
        assertThat(measured).hasSize(1);
        refused.clear();
        AttentionTuning fresh = tuner().tune(RUN, true);
        assertThat(fresh.chosen()).isEqualTo("block-64");
        assertThat(fresh.leftOut()).isEmpty();
        assertThat(tuner().tune(RUN, false).timings()).hasSize(6);
    }

    @Test
    void aTableWithNothingButReasonsDecidesNothing() {
        table().keep(tuner().caseOf(RUN), new AttentionTimings(List.of(), Map.of("fused", "cannot", "sdpa", "cannot")));
        AttentionTuner small = tuner(Device.cpu(), 0);
        assertThat(small.known(RUN).reason()).contains("the fixed rule");
        assertThat(small.choose(RUN).form()).isEqualTo(NamedAttention.FUSED);
        assertThat(measured).hasSize(1);
    }

    @Test
    void oneMissingFormMeasuresAllAgain() {
        table().keep(tuner().caseOf(RUN), new AttentionTimings(List.of(new AttentionTiming("sdpa", 1, 1)), Map.of()));
        assertThat(tuner().choose(RUN).form()).isEqualTo(NamedAttention.BLOCK_64);
        assertThat(measured).containsExactly(List.of(NamedAttention.values()));
    }

    /** 4 blocks of 8 heads of 4096 x 4096 / 2 shares in BF16: half a GiB, a little more for wider blocks. */
    @ParameterizedTest
    @CsvSource({
        "none, 0.9, fused",
        "none, 1.03, block-64",
        "'[0, 1]', 0.52, block-64",
        "'[0, 1]', 0.49, fused",
        "all, 0.26, block-64",
        "all, 0.24, fused",
    })
    void formsThatKeepTooMuchAreNeitherMeasuredNorTaken(String recompute, double gib, String fastest) {
        RunConfig run = config("train.recompute=" + recompute);
        // The model itself is small beside that: 0.2 million parameters.
        AttentionTuner tuner = tuner(Device.cpu(), (long) (gib * GIB) + (4L << 20));
        AttentionTuning tuning = tuner.tune(run, false);
        assertThat(tuning.chosen()).isEqualTo(fastest);
        if (fastest.equals("fused")) {
            assertThat(measured).containsExactly(List.of(NamedAttention.FUSED, NamedAttention.SDPA));
            assertThat(tuning.leftOut()).containsOnlyKeys("block-64", "block-128", "block-256", "block-512");
            assertThat(tuning.leftOut().get("block-64")).contains("GiB", "half of the free memory");
        }
    }

    @Test
    void weightsAndOptimizerTakeTheirMemoryFirst() {
        RunConfig large = config("model.vocabulary=10000000"); // 0.64 billion parameters, 9.5 GiB
        assertThat(tuner(Device.cpu(), 8 * GIB).choose(large).form()).isEqualTo(NamedAttention.FUSED);
        assertThat(tuner(Device.cpu(), 12 * GIB).choose(large).form()).isEqualTo(NamedAttention.BLOCK_64);
    }

    @Test
    void whatTheTableSaysOfAFormThatDoesNotFitIsIgnored() {
        tuner().tune(RUN, false);
        AttentionChoice choice = tuner(Device.cpu(), 0).choose(RUN);
        assertThat(choice.form()).isEqualTo(NamedAttention.FUSED);
        assertThat(measured).hasSize(1);
    }

    @Test
    void whereOneFormIsLeftNothingIsMeasured() {
        AttentionChoice choice = tuner(Device.gpu(), 0).choose(RUN);
        assertThat(choice.form()).isEqualTo(NamedAttention.SDPA);
        assertThat(choice.reason()).contains("the one form");
        assertThat(measured).isEmpty();
        AttentionTuning asked = tuner(Device.gpu(), 0).tune(RUN, false);
        assertThat(asked.chosen()).isEqualTo("sdpa");
        assertThat(asked.leftOut().get("fused")).contains("does not run on");
    }

    @Test
    void aTableThatCannotBeWrittenIsAWarningAndTheRunGoesOn() throws IOException {
        Files.createDirectories(table().file().resolve("in the way"));
        AttentionChoice choice = tuner().choose(RUN);
        assertThat(choice.form()).isEqualTo(NamedAttention.BLOCK_64);
        assertThat(choice.reason()).startsWith("measured now: ");
        assertThat(told).hasSize(2);
    }

    @Test
    void withoutMeasuringTheTableOrTheFixedRuleDecide() {
        assertThat(tuner().known(RUN).line())
                .isEqualTo("attention: fused (the fixed rule for bf16 and 4096 tokens; moe bench autotune measures)");
        assertThat(measured).isEmpty();
        time(NamedAttention.BLOCK_512, 1, 1);
        tuner().tune(RUN, false);
        assertThat(tuner().known(RUN).form()).isEqualTo(NamedAttention.BLOCK_512);
        assertThat(tuner(Device.gpu(), 0).known(RUN).form()).isEqualTo(NamedAttention.SDPA);
        assertThat(measured).hasSize(1);
    }

    @Test
    void theFixedRuleMeasuresNothing() {
        assertThat(AttentionResolver.fixedRule().choose(RUN).form()).isEqualTo(NamedAttention.FUSED);
        assertThat(AttentionResolver.fixedRule()
                        .choose(config("model.sequenceLength=512"))
                        .line())
                .isEqualTo("attention: block-256 (the fixed rule for bf16 and 512 tokens)");
    }
}
