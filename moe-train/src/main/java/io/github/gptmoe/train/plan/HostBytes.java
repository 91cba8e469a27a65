package io.github.gptmoe.train.plan;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Bytes that a rank keeps in its host's memory for updates there; all 0 where these are made on the device.
 *
 * @param weights FP32 masters; of weights that have none, as the device computes with them
 * @param optimizer moments
 * @param staging gradients on their way down, and rounded copies of masters on their way up
 */
public record HostBytes(long weights, long optimizer, long staging) {
    /** Nothing. */
    static final HostBytes NONE = new HostBytes(0, 0, 0);

    /**
     * Everything.
     *
     * @return the sum
     */
    @JsonProperty("total")
    public long total() {
        return weights + optimizer + staging;
    }
}
