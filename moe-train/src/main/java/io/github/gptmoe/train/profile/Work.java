package io.github.gptmoe.train.profile;

/**
 * What a section cannot do without.
 *
 * @param flops operations of its matrix products; causal attention counts half of the square
 * @param bytes memory traffic when every array is read and written once
 */
record Work(double flops, double bytes) {

    /** The least time at the machine's ceilings, seconds. */
    double seconds(double flopsPerSecond, double bytesPerSecond) {
        return Math.max(flops / flopsPerSecond, bytes / bytesPerSecond);
    }

    /** Whether arithmetic rather than memory sets that time. */
    boolean boundByArithmetic(double flopsPerSecond, double bytesPerSecond) {
        return flops / flopsPerSecond >= bytes / bytesPerSecond;
    }
}
