package io.github.gptmoe.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.github.gptmoe.eval.LoadBenchmark;
import io.github.gptmoe.train.report.Median;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The document of {@code moe bench load --json}.
 *
 * @param config what the configuration is called
 * @param layers decoder blocks of the model that was written
 * @param experts experts of its MoE blocks
 * @param save how it was saved
 * @param verify how its checksums were checked
 * @param rounds plain reads and loads
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record LoadResult(
        String config,
        int layers,
        List<Integer> experts,
        LoadBenchmark.Part save,
        LoadBenchmark.Part verify,
        List<Round> rounds) {
    /** Up to here the pages that are left, of headers and of what else runs, do not matter to a rate. */
    private static final double COLD = 0.01;

    /**
     * Copies the lists.
     *
     * @param config as above
     * @param layers as above
     * @param experts as above
     * @param save as above
     * @param verify as above
     * @param rounds as above, at least one
     */
    LoadResult {
        experts = List.copyOf(experts);
        rounds = List.copyOf(rounds);
    }

    /**
     * A plain read and a load, one after the other.
     *
     * @param read of all bytes by one thread
     * @param load into arrays
     */
    record Round(LoadBenchmark.Part read, LoadBenchmark.Part load) {
        /** Rate of the load over that of the read. */
        @JsonProperty
        double ratio() {
            return load.gigabytesPerSecond() / read.gigabytesPerSecond();
        }
    }

    @JsonProperty
    long bytes() {
        return save.bytes();
    }

    @JsonProperty
    double writeGigabytesPerSecond() {
        return save.gigabytesPerSecond();
    }

    @JsonProperty
    double readGigabytesPerSecond() {
        return median(round -> round.read.gigabytesPerSecond());
    }

    @JsonProperty
    double loadGigabytesPerSecond() {
        return median(round -> round.load.gigabytesPerSecond());
    }

    /** The median of the rounds' ratios. */
    @JsonProperty
    double ratio() {
        return median(Round::ratio);
    }

    @JsonProperty
    long tensorBytes() {
        return rounds.get(0).load.tensorBytes();
    }

    @JsonProperty
    long checkedElements() {
        return rounds.stream().mapToLong(round -> round.load.checkedElements()).sum();
    }

    /** The largest resident set of a load, less the tensors; null where the system does not tell. */
    @JsonProperty
    @Nullable
    Long peakAboveTensorsBytes() {
        long most = 0;
        for (Round round : rounds) {
            Long peak = round.load.peakResidentBytes();
            if (peak == null) {
                return null;
            }
            most = Math.max(most, peak - round.load.tensorBytes());
        }
        return most;
    }

    /** {@code cold}, {@code warm} or {@code partly} for all reads and loads alike, else {@code mixed}; or {@code unknown}. */
    @JsonProperty
    String cache() {
        List<String> states = rounds.stream()
                .flatMap(round -> List.of(state(round.read), state(round.load)).stream())
                .distinct()
                .toList();
        return states.size() == 1 ? states.get(0) : "mixed";
    }

    private static String state(LoadBenchmark.Part part) {
        Double share = part.cachedShare();
        if (share == null) {
            return "unknown";
        }
        return share < COLD ? "cold" : share > 1 - COLD ? "warm" : "partly";
    }

    private double median(ToDoubleFunction<Round> value) {
        return Median.of(rounds.stream().mapToDouble(value).toArray());
    }
}
