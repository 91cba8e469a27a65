package io.github.gptmoe.train.scaling;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.gptmoe.core.accounting.ParameterCount;
import io.github.gptmoe.train.StepBenchmark;
import io.github.gptmoe.train.report.Median;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Values compared.
 *
 * @param over what grows
 * @param rounds measurements asked for, of each value
 * @param precision fp32, bf16 or fp16; of the first value
 * @param residual whether MoE blocks have a dense path beside the expert, so that they compute more than dense blocks
 * @param costExponent b of {@code time a token = a value^b}, by least squares in logarithms over the measured values above 0
 * @param flopsExponent the same of the arithmetic a token, over the same values
 * @param values a row each, in the order asked for
 */
public record ScalingTable(
        String over,
        int rounds,
        String precision,
        boolean residual,
        @JsonProperty("cost_exponent") double costExponent,
        @JsonProperty("flops_exponent") double flopsExponent,
        List<ScalingRow> values) {

    /**
     * Compares.
     *
     * @param over what grows
     * @param points its values, at least one
     * @param rounds measurements asked for
     * @param outcomes those of each point by round, as {@link ScalingBenchmark#run} returns them
     * @return the table
     */
    public static ScalingTable of(
            String over, List<ScalingPoint> points, int rounds, List<List<StepOutcome>> outcomes) {
        List<double[]> nanos = new ArrayList<>();
        outcomes.forEach(rows -> nanos.add(measured(rows, ScalingTable::nanosPerToken)));
        double[] dense = null;
        for (int i = 0; i < points.size(); i++) {
            if (over.equals(GrowingKey.EXPERTS) && points.get(i).value().signum() == 0) {
                dense = nanos.get(i);
            }
        }
        List<ScalingRow> rows = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            rows.add(row(points.get(i), outcomes.get(i), nanos.get(i), nanos.get(0), dense));
        }
        return new ScalingTable(
                over,
                rounds,
                points.get(0).config().train().precision(),
                points.get(0).config().model().residual(),
                exponent(rows, ScalingRow::nanosPerToken),
                exponent(rows, ScalingRow::flopsPerToken),
                List.copyOf(rows));
    }

    /**
     * Whether the dense model is among numbers of experts, so that rows have {@link ScalingRow#ratioToDense}.
     *
     * @return true if it is and was measured
     */
    public boolean hasDense() {
        return values.stream().anyMatch(row -> row.ratioToDense() != null);
    }

    /**
     * Whether values were computed with different forms of attention, as the fixed rule takes beyond a length.
     *
     * @return true if a part of the differences in time may be the form's
     */
    public boolean mixesAttention() {
        return values.stream()
                        .map(ScalingRow::attention)
                        .filter(Objects::nonNull)
                        .distinct()
                        .count()
                > 1;
    }

    /**
     * How many values the exponents are fitted to.
     *
     * @return measured values above 0
     */
    public long fitted() {
        return values.stream().filter(ScalingTable::isFitted).count();
    }

    private static boolean isFitted(ScalingRow row) {
        return row.measured() && row.value().signum() > 0;
    }

    private static double exponent(List<ScalingRow> rows, ToDoubleFunction<ScalingRow> y) {
        List<ScalingRow> fitted = rows.stream().filter(ScalingTable::isFitted).toList();
        return PowerLaw.exponent(
                fitted.stream().mapToDouble(row -> row.value().doubleValue()).toArray(),
                fitted.stream().mapToDouble(y).toArray());
    }

    private static ScalingRow row(
            ScalingPoint point, List<StepOutcome> outcomes, double[] nanos, double[] first, double @Nullable [] dense) {
        ParameterCount parameters = point.parameters();
        long tokens = (long) point.config().train().globalBatch()
                * point.config().model().sequenceLength();
        double seconds = Median.of(measured(outcomes, StepBenchmark.Result::secondsPerStep));
        double ratioToDense = dense == null ? Double.NaN : ratio(nanos, dense);
        return new ScalingRow(
                point.value(),
                attention(outcomes),
                parameters.total(),
                parameters.active(),
                tokens,
                seconds,
                seconds / tokens * 1e9,
                point.flopsPerToken(),
                tokens / seconds * point.flopsPerToken() / 1e9,
                Median.of(measured(outcomes, StepBenchmark.Result::mfu)),
                peak(outcomes),
                ratio(nanos, first),
                Double.isNaN(ratioToDense) ? null : ratioToDense,
                DoubleStream.of(measured(outcomes, StepBenchmark.Result::secondsPerStep))
                        .boxed()
                        .toList(),
                ScalingBenchmark.failure(outcomes));
    }

    private static @Nullable String attention(List<StepOutcome> outcomes) {
        String forms = outcomes.stream()
                .map(StepOutcome::result)
                .filter(Objects::nonNull)
                .map(StepBenchmark.Result::attention)
                .filter(Objects::nonNull)
                .distinct()
                .collect(Collectors.joining(", "));
        return forms.isEmpty() ? null : forms;
    }

    private static double nanosPerToken(StepBenchmark.Result result) {
        return result.secondsPerStep() / result.tokensPerStep() * 1e9;
    }

    private static double[] measured(List<StepOutcome> outcomes, ToDoubleFunction<StepBenchmark.Result> figure) {
        return outcomes.stream()
                .map(StepOutcome::result)
                .filter(Objects::nonNull)
                .mapToDouble(figure)
                .toArray();
    }

    private static @Nullable Long peak(List<StepOutcome> outcomes) {
        double[] peaks = outcomes.stream()
                .map(StepOutcome::result)
                .filter(Objects::nonNull)
                .map(StepBenchmark.Result::peakResidentBytes)
                .filter(Objects::nonNull)
                .mapToDouble(Long::doubleValue)
                .toArray();
        return peaks.length == 0 ? null : Math.round(Median.of(peaks));
    }

    /** Of measurements made shortly after each other: the machine's speed, which changes over a long table, cancels. */
    private static double ratio(double[] nanos, double[] base) {
        return Median.of(IntStream.range(0, Math.min(nanos.length, base.length))
                .mapToDouble(round -> nanos[round] / base[round])
                .toArray());
    }
}
