package io.github.gptmoe.train.scaling;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a value of the growing thing costs. Measured figures are medians over the rounds, and not a number if there was none.
 *
 * @param value the value
 * @param attention form of attention that was computed with; several if rounds differed; null if nothing was measured
 * @param params parameters
 * @param activeParams those that one token meets
 * @param tokensPerStep tokens of an optimizer step
 * @param secondsPerStep of the rounds' medians over steps
 * @param nanosPerToken that over the tokens
 * @param flopsPerToken model arithmetic of one token, forward and backward
 * @param gflops model arithmetic achieved, 1e9 operations a second
 * @param mfu share of the ceilings that the same processes measured
 * @param peakResidentBytes largest resident set; null where the system does not tell
 * @param ratioToFirst time a token over that of the first value, median over the ratios of each round
 * @param ratioToDense likewise over the dense model's, for numbers of experts if 0 is one of them
 * @param secondsByRound seconds a step of each round
 * @param failure why there are fewer rounds than asked for
 */
public record ScalingRow(
        BigDecimal value,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String attention,

        long params,
        @JsonProperty("active_params") long activeParams,
        @JsonProperty("tokens_per_step") long tokensPerStep,
        @JsonProperty("seconds_per_step") double secondsPerStep,
        @JsonProperty("ns_per_token") double nanosPerToken,
        @JsonProperty("flops_per_token") long flopsPerToken,
        double gflops,
        double mfu,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("peak_resident_bytes") @Nullable
        Long peakResidentBytes,

        @JsonProperty("ratio_to_first") double ratioToFirst,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonProperty("ratio_to_dense") @Nullable
        Double ratioToDense,

        @JsonProperty("seconds_by_round") List<Double> secondsByRound,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String failure) {

    /**
     * Whether anything was measured.
     *
     * @return false if the first round failed
     */
    public boolean measured() {
        return !secondsByRound.isEmpty();
    }
}
