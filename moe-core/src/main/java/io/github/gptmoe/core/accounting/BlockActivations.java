package io.github.gptmoe.core.accounting;

/**
 * Bytes that one decoder block keeps between its forward and its backward, its output included and its input not.
 *
 * @param attention norm, queries, keys, values, shares, joined heads, new residual stream
 * @param feedForward norm, dense FFN (or the dense path of a residual layer with its mixing), new residual stream
 * @param router the router's FP32 copy of the tokens and its decision
 * @param routerGraph what only autograd holds of the router
 * @param experts tokens sorted by expert, and what their experts made of them
 * @param exchange rows sent to and got from other ranks
 */
public record BlockActivations(
        long attention, long feedForward, long router, long routerGraph, long experts, long exchange) {
    static final BlockActivations NONE = new BlockActivations(0, 0, 0, 0, 0, 0);

    /**
     * Everything.
     *
     * @return the sum
     */
    public long total() {
        return attention + feedForward + router + routerGraph + experts + exchange;
    }
}
