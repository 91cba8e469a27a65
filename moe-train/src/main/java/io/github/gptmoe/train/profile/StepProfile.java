package io.github.gptmoe.train.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * Where a step goes.
 *
 * @param rows sections with time in them, in the order of a step; the last is everything no kernel accounts for
 * @param secondsPerStep mean over the profiled steps
 * @param gemmGflops matrix-product ceiling, 1e9 operations a second
 * @param memoryGigabytes memory ceiling, 1e9 bytes a second
 */
public record StepProfile(
        List<Row> rows,
        @JsonProperty("seconds_per_step") double secondsPerStep,
        @JsonProperty("gemm_peak_gflops") double gemmGflops,
        @JsonProperty("memory_peak_gigabytes") double memoryGigabytes) {

    /**
     * Copies the list.
     *
     * @param rows as above
     * @param secondsPerStep as above
     * @param gemmGflops as above
     * @param memoryGigabytes as above
     */
    public StepProfile {
        rows = List.copyOf(rows);
    }

    /**
     * A section.
     *
     * @param section its name
     * @param calls kernel calls a step
     * @param milliseconds a step
     * @param share of the step's time
     * @param gflop model arithmetic, 1e9 operations; 0 where only memory counts
     * @param megabytes least memory traffic, 1e6 bytes
     * @param bound {@code arithmetic} or {@code memory}, whichever ceiling takes longer; empty for the rest
     * @param ceilingMilliseconds what it would take at that ceiling
     */
    public record Row(
            String section,
            double calls,
            double milliseconds,
            double share,
            double gflop,
            double megabytes,
            String bound,
            @JsonProperty("ceiling_milliseconds") double ceilingMilliseconds) {}
}
