package io.github.gptmoe.train.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.gptmoe.core.accounting.FlopCount;
import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.train.StepBenchmark;
import io.github.gptmoe.train.config.ConfigLoader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScalingTableTest {
    private static final String YAML = """
            model: {layers: 2, hidden: 32, heads: 2, sequenceLength: 50, vocabulary: 100, experts: 4}
            data: {train: unused.txt, tokenizer: unused.model}
            train: {globalBatch: 2, microBatch: 2, steps: 5, precision: bf16, optimizer: {learningRate: 1e-3}}
            """;

    private static List<ScalingPoint> points(String key, String... values) {
        return ScalingPoint.all(sets -> ConfigLoader.parse("base.yaml", YAML, sets), key, List.of(values));
    }

    /** 100 tokens a step. */
    private static StepOutcome took(double seconds, double mfu, @Nullable Long peak) {
        return took(seconds, mfu, peak, "block-128");
    }

    private static StepOutcome took(double seconds, double mfu, @Nullable Long peak, String attention) {
        return StepOutcome.measured(new StepBenchmark.Result(
                1,
                100,
                seconds,
                100 / seconds,
                5,
                10,
                mfu,
                3,
                "bf16",
                attention,
                1,
                16,
                0,
                null,
                peak,
                null,
                null,
                null,
                null));
    }

    private static StepOutcome took(double seconds) {
        return took(seconds, 0.5, 1_000L);
    }

    @Test
    void figuresAreMediansAndRatiosAreTakenWithinRounds() {
        List<ScalingPoint> points = points("model.layers", "2", "8");
        // The machine got twice as slow from round to round: 4, 4.2 and 3.9 times all the same.
        ScalingTable table = ScalingTable.of(
                "model.layers",
                points,
                3,
                List.of(
                        List.of(took(1, 0.8, 100L), took(2, 0.4, 300L), took(4, 0.2, 200L)),
                        List.of(took(4), took(8.4), took(15.6))));
        ScalingRow first = table.values().get(0);
        ScalingRow second = table.values().get(1);
        assertThat(first.secondsPerStep()).isEqualTo(2);
        assertThat(first.nanosPerToken()).isEqualTo(2e7);
        assertThat(first.mfu()).isEqualTo(0.4);
        assertThat(first.peakResidentBytes()).isEqualTo(200);
        assertThat(first.secondsByRound()).containsExactly(1.0, 2.0, 4.0);
        assertThat(first.ratioToFirst()).isEqualTo(1);
        assertThat(second.ratioToFirst()).isCloseTo(4, within(1e-12));
        assertThat(second.ratioToDense()).isNull();
        assertThat(table.hasDense()).isFalse();
        assertThat(table.precision()).isEqualTo("bf16");
        assertThat(table.residual()).isFalse();
        assertThat(table.costExponent()).isCloseTo(Math.log(4.2) / Math.log(4), within(1e-12));
    }

    @Test
    void countsComeFromTheConfigurations() {
        List<ScalingPoint> points = points("model.layers", "2", "4");
        ScalingTable table =
                ScalingTable.of("model.layers", points, 1, List.of(List.of(took(1)), List.of(took(2, 0.5, null))));
        ScalingRow row = table.values().get(1);
        ParameterCount parameters = ParameterCount.of(points.get(1).config().model());
        long flops = FlopCount.of(points.get(1).config().model()).perToken();
        assertThat(row.params()).isEqualTo(parameters.total());
        assertThat(row.activeParams()).isEqualTo(parameters.active()).isLessThan(parameters.total());
        assertThat(row.flopsPerToken()).isEqualTo(flops);
        assertThat(row.gflops()).isCloseTo(50 * flops / 1e9, within(1e-12));
        assertThat(row.peakResidentBytes()).isNull();
        long before = FlopCount.of(points.get(0).config().model()).perToken();
        assertThat(table.flopsExponent()).isCloseTo(Math.log((double) flops / before) / Math.log(2), within(1e-12));
        assertThat(table.costExponent()).isCloseTo(1, within(1e-12));
    }

    @Test
    void expertsAreComparedWithTheDenseModelWhereverItStands() {
        ScalingTable table = ScalingTable.of(
                "model.experts",
                points("model.experts", "4", "0", "16"),
                1,
                List.of(List.of(took(1.1)), List.of(took(1)), List.of(took(1.21))));
        assertThat(table.hasDense()).isTrue();
        assertThat(table.values().get(0).ratioToDense()).isCloseTo(1.1, within(1e-12));
        assertThat(table.values().get(1).ratioToDense()).isEqualTo(1);
        assertThat(table.values().get(2).ratioToFirst()).isCloseTo(1.1, within(1e-12));
        // The dense model has no logarithm: the exponent is that of 4 and 16 experts.
        assertThat(table.fitted()).isEqualTo(2);
        assertThat(table.costExponent()).isCloseTo(Math.log(1.1) / Math.log(4), within(1e-12));
        assertThat(table.flopsExponent()).isCloseTo(0, within(1e-12));
    }

    @Test
    void everyRowNamesItsFormOfAttention() {
        List<ScalingPoint> points = points("model.layers", "2", "4");
        ScalingTable same = ScalingTable.of(
                "model.layers", points, 1, List.of(List.of(took(1)), List.of(StepOutcome.failed("killed"))));
        assertThat(same.values()).extracting(ScalingRow::attention).containsExactly("block-128", null);
        assertThat(same.mixesAttention()).isFalse();
        ScalingTable mixed = ScalingTable.of(
                "model.layers", points, 1, List.of(List.of(took(1)), List.of(took(2, 0.5, null, "fused"))));
        assertThat(mixed.values()).extracting(ScalingRow::attention).containsExactly("block-128", "fused");
        assertThat(mixed.mixesAttention()).isTrue();
    }

    @Test
    void failuresAreRowsToo() {
        ScalingTable table = ScalingTable.of(
                "model.layers",
                points("model.layers", "2", "4", "8"),
                2,
                List.of(
                        List.of(StepOutcome.failed("out of memory")),
                        List.of(took(2), took(2)),
                        List.of(took(4), StepOutcome.failed("killed"))));
        ScalingRow never = table.values().get(0);
        assertThat(never.measured()).isFalse();
        assertThat(never.failure()).isEqualTo("out of memory");
        assertThat(never.secondsPerStep()).isNaN();
        assertThat(never.params()).isPositive();
        ScalingRow later = table.values().get(2);
        assertThat(later.measured()).isTrue();
        assertThat(later.failure()).isEqualTo("killed");
        assertThat(later.secondsPerStep()).isEqualTo(4);
        assertThat(later.ratioToFirst()).as("the first value has no time").isNaN();
        assertThat(table.costExponent()).isCloseTo(1, within(1e-12));
    }

    @Test
    void roundsAlternateAndAFailedValueIsNotTriedAgain() throws IOException, InterruptedException {
        List<String> calls = new ArrayList<>();
        List<String> heard = new ArrayList<>();
        List<List<StepOutcome>> outcomes = ScalingBenchmark.run(
                points("model.layers", "2", "4", "8"),
                3,
                point -> {
                    calls.add(point.label());
                    boolean second = calls.size() > 3;
                    return point.label().equals("8") || (second && point.label().equals("4"))
                            ? StepOutcome.failed("killed")
                            : took(1);
                },
                new ScalingBenchmark.Listener() {
                    @Override
                    public void starting(int round, ScalingPoint point) {
                        heard.add("start " + round + " " + point.label());
                    }

                    @Override
                    public void ended(int round, ScalingPoint point, StepOutcome outcome) {
                        heard.add("end " + round + " " + point.label() + " " + outcome.failure());
                    }
                });
        assertThat(calls).containsExactly("2", "4", "8", "2", "4", "2");
        assertThat(outcomes).extracting(List::size).containsExactly(3, 2, 1);
        assertThat(heard).startsWith("start 1 2", "end 1 2 null").endsWith("start 3 2", "end 3 2 null");
        assertThat(heard).contains("end 2 4 killed");
    }
}
