package io.github.gptmoe.train.tuning;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.gptmoe.train.report.Median;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one combination came to.
 *
 * @param devices ranks of the process
 * @param microBatch sequences of a pass
 * @param accumulation passes of a rank in a step
 * @param recompute blocks computed again, as the configuration has it
 * @param zeroStage what is divided over the ranks
 * @param other further switches, key to value
 * @param status how the measurement ended
 * @param millisecondsPerStep median of a step; of the finals where it was in them. Not a number if not measured
 * @param tokensPerSecond from it
 * @param peakResidentBytes largest resident set of all its measurements; null where nothing tells
 * @param rounds milliseconds of a step in each round of the finals
 * @param winner whether the search chose it
 * @param reason why it is not usable
 */
public record TuningRow(
        int devices,
        int microBatch,
        int accumulation,
        String recompute,
        int zeroStage,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> other,
        Trial.Status status,
        double millisecondsPerStep,
        double tokensPerSecond,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long peakResidentBytes,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Double> rounds,
        boolean winner,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String reason) {
    private static final double MILLISECONDS = 1e3;

    /** Puts the measurements of a combination together; a failure in the finals is what counts. */
    static TuningRow of(SwitchSpace space, Combination combination, Trial first, List<Trial> finals, boolean winner) {
        Trial last = finals.isEmpty() ? first : finals.get(finals.size() - 1);
        double[] seconds = finals.stream()
                .filter(Trial::usable)
                .mapToDouble(Trial::seconds)
                .toArray();
        double median = last.usable() && seconds.length > 0 ? Median.of(seconds) : last.seconds();
        Long peak = first.peakBytes();
        for (Trial trial : finals) {
            Long bytes = trial.peakBytes();
            peak = peak == null || (bytes != null && bytes > peak) ? bytes : peak;
        }
        return new TuningRow(
                combination.devices(),
                Integer.parseInt(combination.get(Switches.MICRO_BATCH)),
                space.accumulation(combination),
                combination.get(Switches.RECOMPUTE),
                Integer.parseInt(combination.get(Switches.ZERO_STAGE)),
                space.further(combination),
                last.status(),
                median * MILLISECONDS,
                space.tokensPerStep() / median,
                peak,
                finals.stream().map(trial -> trial.seconds() * MILLISECONDS).toList(),
                winner,
                last.reason());
    }
}
